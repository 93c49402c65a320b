import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { runDemo } from "./demo.ts";
import { removeState, takeDown } from "./down.ts";
import { loadImages } from "./load-images.ts";
import { purge } from "./purge.ts";
import { environment, kubeconfigPath, readSettings, type Settings } from "./settings.ts";
import { login } from "./ssh.ts";
import { inspectLab, labExists, renderStatus } from "./status.ts";
import { bringUp, installInto } from "./up.ts";

const usage = `Usage: hack/lab.sh VERB

  up [--demo] [--bare]   bring the lab up: a Kubernetes of one node with Nestlet in it
                         --demo: boot examples/vm.yaml in it and log in, then bring up
                         the Kubernetes of examples/cluster-small.yaml
                         --bare: the Kubernetes alone
  up --kubeconfig FILE [--image-prefix PREFIX]
                         put Nestlet into an existing cluster instead
  status                 say what runs; exit code 0: all, 1: a part, 3: nothing
  kubeconfig             print the path of the lab's kubeconfig
  load-image FILE...     import OCI image archives into the lab's node
  ssh VMI [-- COMMAND]   log in to a guest as core with the lab's key
  down [--purge]         end the lab; --purge: remove its data and the cache too
  reset                  down, remove the data, up

Environment, with the defaults:
  NESTLET_LAB_NAME=nestlet-lab              tells several labs on one machine apart
  NESTLET_LAB_PODS=10.93.0.0/16             ranges of addresses that the machine does not use
  NESTLET_LAB_PODS6=fd93:4e65:7374::/48     of IPv6, where the kernel has it; empty: pods have IPv4 alone
  NESTLET_LAB_SERVICES=10.94.0.0/16
  NESTLET_LAB_NODES=10.92.255.0/28
  NESTLET_LAB_STATE=/var/lib/<name>         what survives down
  NESTLET_CACHE=/var/cache/nestlet          what is built
`;

/** What the verbs are given. */
interface Call {
  readonly settings: Settings;
  readonly operands: readonly string[];
  readonly options: {
    demo?: boolean;
    bare?: boolean;
    purge?: boolean;
    kubeconfig?: string;
    "image-prefix"?: string;
  };
}

/** Each returns the exit code. */
const verbs: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  up,
  down,
  reset,
  status,
  kubeconfig,
  ssh,
  "load-image": loadImage,
};

async function up({ settings, options }: Call): Promise<number> {
  const imagePrefix = options["image-prefix"];
  if (options.kubeconfig !== undefined) {
    await installInto(
      {
        kubeconfig: options.kubeconfig,
        ...(imagePrefix === undefined ? {} : { imagePrefix }),
      },
      print,
    );
    return 0;
  }
  await bringUp(settings, options.bare ? "bare" : "whole");
  if (options.demo) await runDemo(settings, print);
  else print(`\nThe lab is up. For kubectl and helm:\n  ${environment(settings)}`);
  return 0;
}

async function down({ settings, options }: Call): Promise<number> {
  await takeDown(settings);
  if (options.purge) await purge(settings, print);
  return 0;
}

async function reset(call: Call): Promise<number> {
  await takeDown(call.settings);
  await removeState(call.settings);
  return up(call);
}

async function status({ settings }: Call): Promise<number> {
  if (!labExists(settings)) {
    print("The lab is down.");
    return 3;
  }
  const findings = await inspectLab(settings);
  print(renderStatus(settings, findings));
  return findings.every(({ good }) => good) ? 0 : 1;
}

async function kubeconfig({ settings }: Call): Promise<number> {
  requireLab(settings);
  print(kubeconfigPath(settings));
  return Promise.resolve(0);
}

async function ssh({ settings, operands }: Call): Promise<number> {
  requireLab(settings);
  const [instance, ...command] = operands;
  if (instance === undefined) throw new Error("ssh: name the VMI, as in hack/lab.sh ssh coreos");
  return login(settings, instance, command);
}

async function loadImage({ settings, operands }: Call): Promise<number> {
  requireLab(settings);
  if (operands.length === 0) throw new Error("load-image: name at least one OCI archive");
  const missing = operands.find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`load-image: ${missing} does not exist`);
  const archives = operands.map((archive) => ({ archive }));
  await loadImages(settings, archives, print);
  return 0;
}

function requireLab(settings: Settings): void {
  if (!labExists(settings)) throw new Error("the lab is down; bring it up with hack/lab.sh up");
}

function print(text: string): void {
  console.log(text);
}

/** A proxy of the machine's leads out; the lab is inside. */
function bypassProxy(settings: Settings): void {
  const { podRange, podRange6 = "", serviceRange, nodeRange } = settings;
  const exempt = [
    process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "",
    podRange,
    podRange6,
    serviceRange,
    nodeRange,
  ];
  process.env["NO_PROXY"] = exempt.filter((each) => each !== "").join(",");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      demo: { type: "boolean" },
      bare: { type: "boolean" },
      purge: { type: "boolean" },
      kubeconfig: { type: "string" },
      "image-prefix": { type: "string" },
    },
  });
  const [name = "", ...operands] = positionals;
  const verb = verbs[name];
  if (verb === undefined) {
    console.error(name === "" ? usage : `hack/lab.sh: there is no verb ${name}\n\n${usage}`);
    return 2;
  }
  const settings = readSettings();
  bypassProxy(settings);
  return verb({ settings, operands, options: values });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
