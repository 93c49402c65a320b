import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { condition, instance, type Instance } from "../support/objects.ts";
import { loadWrongImages } from "../support/wrong-images.ts";

/** What a person reads in `kubectl describe vmi`: the status and the Events. */
async function told(kubectl: Kubectl, name: string): Promise<string> {
  const { status } = await kubectl.get<Instance>("vmi", name);
  return [JSON.stringify(status), ...(await eventsOf(kubectl, "VirtualMachineInstance", name))].join("\n");
}

describe("what bad input gets", () => {
  let kubectl: Kubectl;
  before(async () => {
    await loadWrongImages();
    kubectl = await ownNamespace("refusals");
  });
  after(async () => deleteNamespace(kubectl));

  it("an unknown field is refused by name", async () => {
    const { exitCode, output } = await kubectl.try(
      ["apply", "-f", "-"],
      JSON.stringify(instance("unknown", { spec: { memroy: "1Gi" } })),
    );
    assert.equal(exitCode, 1);
    assert.match(output, /unknown field "spec\.memroy"/);
  });

  it("an image that is nowhere leaves the instance waiting with the kubelet's words", async () => {
    await kubectl.apply(instance("missing-image", { image: "nestlet.dev/no-such-image:1" }));
    await eventually(
      async () => assert.match(await told(kubectl, "missing-image"), /no-such-image:1/),
      60_000,
    );
    assert.notEqual((await kubectl.get<Instance>("vmi", "missing-image")).status?.phase, "Running");
  });

  const wrongDisks = [
    {
      title: "without a folder /disk",
      image: "nestlet.dev/wrong-no-disk:1",
      says: /wrong-no-disk:1.*\/disk/,
    },
    { title: "with several files in /disk", image: "nestlet.dev/wrong-two-disks:1", says: /a\.img.*b\.img/ },
    {
      title: "whose disk has a backing file",
      image: "nestlet.dev/wrong-backing-file:1",
      says: /backing file/,
    },
    {
      title: "whose disk is no disk image",
      image: "nestlet.dev/wrong-truncated:1",
      says: /wrong-truncated:1/,
    },
  ];
  for (const { title, image, says } of wrongDisks) {
    it(`an image ${title} fails the start and says why`, async () => {
      const name = image.replace(/^.*\/(.*):1$/, "$1");
      await kubectl.apply(instance(name, { image }));
      const failed = await waitForPhase(kubectl, name, "Failed");
      assert.equal(failed.status?.reason, "StartFailed");
      assert.match(failed.status.message ?? "", says);
      await eventually(
        async () => assert.match((await eventsOf(kubectl, "VirtualMachineInstance", name)).join("\n"), says),
        5_000,
      );
    });
  }

  it("more memory than any node has leaves it waiting with the scheduler's words", async () => {
    await kubectl.apply(instance("huge", { memory: "4Ti" }));
    await eventually(async () => {
      const huge = await kubectl.get<Instance>("vmi", "huge");
      assert.equal(condition(huge, "PodScheduled")?.status, "False");
      assert.match(await told(kubectl, "huge"), /Insufficient memory/);
    }, 30_000);
  });

  it("a namespace that forbids privileged pods is named, with the remedy, and the instance goes on when it allows them", async () => {
    const strict = await ownNamespace("strict", { "pod-security.kubernetes.io/enforce": "baseline" });
    try {
      await strict.apply(instance("forbidden"));
      await eventually(
        async () =>
          assert.match(await told(strict, "forbidden"), /pod-security\.kubernetes\.io\/enforce=privileged/),
        20_000,
      );
      const label = "pod-security.kubernetes.io/enforce=privileged";
      await strict.run(["label", "namespace", strict.namespace, "--overwrite", label]);
      await waitForPhase(strict, "forbidden", "Running", 120_000);
    } finally {
      // With its guest in it, that nobody has told before.
      await strict.run(["delete", "namespace", strict.namespace, "--timeout=120s"]);
    }
  });

  it("KVM demanded runs where it works, and else fails the start and says what to do", async () => {
    await kubectl.apply(instance("kvm", { acceleration: "Require" }));
    if (/^flags\s*:.*\b(vmx|svm)\b/m.test(await readFile("/proc/cpuinfo", "utf8"))) {
      await waitForPhase(kubectl, "kvm", "Running");
      return;
    }
    const failed = await waitForPhase(kubectl, "kvm", "Failed");
    assert.equal(failed.status?.reason, "StartFailed");
    assert.match(failed.status.message ?? "", /KVM/);
    assert.match(failed.status.message ?? "", /acceleration/);
  });

  it("emulation demanded runs anywhere, and no reason is needed for it", async () => {
    await kubectl.apply(instance("emulated", { acceleration: "Emulate" }));
    const running = await waitForPhase(kubectl, "emulated", "Running");
    assert.deepEqual(running.status?.accelerator, { type: "tcg" });
  });

  it("an Ignition config that is none fails the start and says where", async () => {
    await kubectl.apply(instance("no-ignition", { ignition: { inline: '{"passwd": {}}' } }));
    const failed = await waitForPhase(kubectl, "no-ignition", "Failed");
    assert.match(failed.status?.message ?? "", /ignition\.version/);
  });
});
