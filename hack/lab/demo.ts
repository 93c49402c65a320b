import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { repoRoot } from "../lib/paths.ts";
import { runClusterDemo } from "./demo-cluster.ts";
import { kubectl } from "./kubectl.ts";
import { environment, type Settings } from "./settings.ts";
import { addressOf, labKey, sshArguments } from "./ssh.ts";
import { waitFor } from "./wait.ts";

const instance = "coreos";

/** Shows the main job, a virtual machine and then a cluster of such machines, and says how to go on. */
export async function runDemo(settings: Settings, print: (text: string) => void): Promise<void> {
  const address = await runMachineDemo(settings, print);
  await runClusterDemo(settings, print);
  print(farewell(settings, address));
}

/**
 * Boots the example's virtual machine and logs in to it.
 * @returns its address
 */
async function runMachineDemo(settings: Settings, print: (text: string) => void): Promise<string> {
  const { path: key, publicKey } = await labKey(settings);
  await allowKeys(settings, [publicKey, ...(await userKeys())]);
  print(`\n$ kubectl apply -f examples/vm.yaml`);
  print(await kubectl(settings, ["apply", "-f", join(repoRoot, "examples/vm.yaml")]));

  const status = async (): Promise<string> => kubectl(settings, ["get", "vmis"]);
  await waitFor(`Running of ${instance}`, async () => (await phaseOf(settings)) === "Running", {
    seconds: 120,
    hint: async () => kubectl(settings, ["describe", "vmi", instance]),
  });
  print(`\n$ kubectl get vmis\n${await status()}`);

  const address = await addressOf(settings, instance);
  if (address === undefined) throw new Error(`${instance} is Running without an address:\n${await status()}`);
  print(`\nThe guest boots; without KVM that takes half a minute.`);
  const started = Date.now();
  await waitFor(
    `a login to core@${address}`,
    async () => (await inGuest(key, address, "true")) !== undefined,
    {
      seconds: 240,
      hint: status,
    },
  );
  const command = "hostname; uname -a; systemctl is-system-running";
  print(`\n$ ssh core@${address}   # let in after ${Math.round((Date.now() - started) / 1000)} s`);
  print((await inGuest(key, address, command)) ?? "");
  return address;
}

/** The public keys of the user who runs the demo, who may then log in without the lab's. */
async function userKeys(): Promise<string[]> {
  const dir = join(homedir(), ".ssh");
  const names = (await readdir(dir).catch((): string[] => [])).filter((name) => /^id_.*\.pub$/.test(name));
  return Promise.all(names.map(async (name) => (await readFile(join(dir, name), "utf8")).trim()));
}

/** The example's Secret: an Ignition config that lets the keys in. */
async function allowKeys(settings: Settings, publicKeys: readonly string[]): Promise<void> {
  const ignition = {
    ignition: { version: "3.3.0" },
    passwd: { users: [{ name: "core", sshAuthorizedKeys: publicKeys }] },
  };
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "coreos-ignition", namespace: "default" },
    stringData: { userdata: JSON.stringify(ignition) },
  };
  await kubectl(settings, ["apply", "-f", "-"], JSON.stringify(secret));
}

async function phaseOf(settings: Settings): Promise<string> {
  return kubectl(settings, ["get", "vmi", instance, "--ignore-not-found", "-o=jsonpath={.status.phase}"]);
}

/** What a command prints in the guest; undefined when ssh itself failed. */
async function inGuest(key: string, address: string, command: string): Promise<string | undefined> {
  const { exitCode, stdout } = await execa(
    "ssh",
    [...sshArguments(key, address), "-o", "BatchMode=yes", command],
    {
      stdin: "ignore",
      reject: false,
    },
  );
  return exitCode === 255 ? undefined : stdout;
}

function farewell(settings: Settings, address: string): string {
  return `
The virtual machine and the cluster are alive. Go on with

  ${environment(settings)}
  kubectl get vms,vmis,coreosclusters,pods
  hack/lab.sh ssh ${instance}               # or ssh to core@${address} with a key of your own
  kubectl scale coreoscluster lab --replicas=2
  kubectl delete vm/${instance} coreoscluster/lab
  hack/lab.sh down                   # ends the lab
`;
}
