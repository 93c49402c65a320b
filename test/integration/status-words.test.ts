import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { repoRoot } from "../../hack/lib/paths.ts";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
  type InstanceSpec,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import type { Pod } from "../../src/kube/object.ts";
import { COMPUTE_CONTAINER, PAUSED_MESSAGE } from "../../src/launch-plan/pod-contract.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { NodeLogs } from "./harness/node-logs.ts";
import { guest, instance, machine } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

/** What a path through parsed YAML holds. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((found, key) => (found as Record<string | number, unknown> | undefined)?.[key], value);
}

/** Each word that `kubectl get vm` can show, brought about as it comes about. */
describe("the word for a machine's state", () => {
  let client: Client;
  let life: MachineLife;
  let namespace: string;

  withController((stage) => {
    ({ client, namespace } = stage);
    life = new MachineLife(client, namespace);
  });

  const always = async (spec: InstanceSpec = guest): Promise<unknown> =>
    client.create(machines, machine(namespace, "a", "Always", { spec }));

  const pod = async (): Promise<Pod> => {
    await always();
    return life.watcher.podOf("a");
  };

  const waitsFor = (volume: NonNullable<InstanceSpec["volumes"]>[number]): InstanceSpec => ({
    ...guest,
    volumes: [...(guest.volumes ?? []), volume],
  });

  const pulling = async (word: string): Promise<void> => {
    const found = await pod();
    await life.kubelet.bind(found);
    await life.kubelet.waiting(found, word, "no such image");
  };

  const paused = async (): Promise<void> => {
    const logs = await NodeLogs.start(client, `${namespace}-node`);
    try {
      const found = await pod();
      await life.kubelet.bind(found, logs.node);
      await life.kubelet.running(found);
      await life.shows("Running");
      logs.say(found, COMPUTE_CONTAINER, `${JSON.stringify({ msg: PAUSED_MESSAGE, reason: "User" })}\n`);
      await life.kubelet.unready(found);
      await life.shows("Paused");
    } finally {
      await logs.stop();
    }
  };

  const states: Record<string, () => Promise<unknown>> = {
    Stopped: async () => client.create(machines, machine(namespace, "a", "Halted")),
    Provisioning: async () => always(waitsFor({ name: "init", ignition: { secretRef: { name: "none" } } })),
    Starting: async () => always(),
    Running: async () => {
      await always();
      await life.runs();
    },
    Paused: paused,
    Stopping: async () => {
      await always();
      await life.runs();
      await life.patch({ spec: { runStrategy: "Halted" } });
    },
    Terminating: async () => {
      await always();
      await life.runs();
      await client.delete(machines, { namespace, name: "a" });
    },
    CrashLoopBackOff: async () => {
      await always();
      await life.runs();
      await life.ends({ reason: "Crashed", message: "qemu died" });
    },
    Error: async () => {
      await client.create(instances, instance(namespace, "a"));
      await always();
    },
    ErrorUnschedulable: async () => life.kubelet.unschedulable(await pod(), "0/1 nodes are available"),
    ErrorPvcNotFound: async () => {
      const claim = { name: "root", persistentVolumeClaim: { claimName: "none" } };
      await always({ ...guest, volumes: [claim] });
    },
    ErrImagePull: async () => pulling("ErrImagePull"),
    ImagePullBackOff: async () => pulling("ImagePullBackOff"),
    Unknown: async () => {
      const found = await pod();
      await life.runs();
      await life.kubelet.nodeLost(found);
    },
  };

  for (const [word, brought] of Object.entries(states)) {
    it(`is ${word}`, async () => {
      await brought();
      // A pause has gone by with the node that could tell of it.
      if (word !== "Paused") await life.shows(word);
    }).timeout(60_000);
  }

  it("is one of those, and each is explained", async () => {
    const crd: unknown = parse(await readFile(join(repoRoot, "crds/virtualmachine.yaml"), "utf8"));
    const schema = at(crd, "spec", "versions", 0, "schema", "openAPIV3Schema");
    const words = at(schema, "properties", "status", "properties", "printableStatus", "enum") as string[];
    assert.deepEqual(words.toSorted(), Object.keys(states).toSorted());
    const text = await readFile(join(repoRoot, "docs/virtual-machines.md"), "utf8");
    const [, section = ""] = text.split("## What the status words mean");
    for (const word of words) assert.match(section, new RegExp(`^\\|.*\`${word}\`.*\\|`, "m"), word);
  });
});
