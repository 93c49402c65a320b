import assert from "node:assert/strict";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { claim, DeviceVolume, instanceWith, loadOtherHalt } from "../support/disks.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { condition, machine, type Instance, type Machine } from "../support/objects.ts";

const CLAIMS = "/var/run/nestlet/claims";

describe("disks on claims", () => {
  let kubectl: Kubectl;
  before(async () => {
    await loadOtherHalt();
    kubectl = await ownNamespace("disks");
  });
  after(async () => deleteNamespace(kubectl));

  const inPod = async (name: string, ...command: string[]): Promise<string> => {
    const { metadata } = await launcherPodOf(kubectl, name);
    return kubectl.run(["exec", metadata.name, "--", ...command]);
  };
  const remove = async (name: string): Promise<string> =>
    kubectl.run(["delete", "vmi", name, "--timeout=60s"]);
  const startFailed = async (name: string): Promise<string> => {
    const failed = await waitForPhase(kubectl, name, "Failed");
    assert.equal(failed.status?.reason, "StartFailed");
    return failed.status.message ?? "";
  };

  it("waits for a claim that is not there, says so, and goes on by itself", async () => {
    await kubectl.apply(machine("waiting", { spec: instanceWith({ claimName: "late", create: true }) }));
    await eventually(async () => {
      const waiting = await kubectl.get<Instance>("vmi", "waiting");
      assert.equal(waiting.status?.phase, "Pending");
      assert.equal(condition(waiting, "LauncherCreated")?.reason, "ClaimNotFound");
      const vm = await kubectl.get<Machine>("vm", "waiting");
      assert.equal(vm.status?.printableStatus, "ErrorPvcNotFound");
    }, 20_000);
    assert.deepEqual(await kubectl.list("pods"), []);
    await kubectl.apply(claim("late"));
    await waitForPhase(kubectl, "waiting", "Running", 120_000);
    await kubectl.run(["delete", "vm", "waiting", "--timeout=60s"]);
    assert.match(await kubectl.run(["get", "pvc", "late"]), /Bound/);
  });

  it("makes an empty disk of the claim's size where that is asked for, and keeps what is on it", async () => {
    await kubectl.apply(claim("data"), instanceWith({ claimName: "data", create: true }, "first"));
    await waitForPhase(kubectl, "first", "Running", 120_000);
    const disk = `${CLAIMS}/data/disk.img`;
    const info = JSON.parse(await inPod("first", "qemu-img", "info", "-U", "--output=json", disk)) as {
      format: string;
      "virtual-size": number;
      "actual-size": number;
    };
    assert.deepEqual([info.format, info["virtual-size"]], ["raw", 64 * 2 ** 20]);
    assert.ok(info["actual-size"] < 2 ** 20, "no room is taken before the guest does");
    const xml = await inPod("first", "virsh", "-q", "dumpxml", `${kubectl.namespace}_first`);
    assert.match(xml, new RegExp(`<source file='${disk}'`));
    await inPod("first", "sh", "-c", `echo kept | busybox dd of=${disk} conv=notrunc bs=1 seek=4096`);
    await remove("first");
    await kubectl.apply(instanceWith({ claimName: "data" }, "second"));
    await waitForPhase(kubectl, "second", "Running");
    const found = await inPod("second", "busybox", "dd", `if=${disk}`, "bs=1", "skip=4096", "count=4");
    assert.match(found, /kept/);
  });

  it("takes a qcow2 file on a claim as well", async () => {
    const [disk, next] = [`${CLAIMS}/data/disk.img`, `${CLAIMS}/data/next`];
    await inPod("second", "qemu-img", "convert", "-U", "-O", "qcow2", disk, next);
    await inPod("second", "busybox", "mv", next, disk);
    await remove("second");
    await kubectl.apply(instanceWith({ claimName: "data" }, "second"));
    await waitForPhase(kubectl, "second", "Running");
    const xml = await inPod("second", "virsh", "-q", "dumpxml", `${kubectl.namespace}_second`);
    assert.match(xml, new RegExp(`type='qcow2'[^>]*/>\\s*<source file='${disk}'`));
  });

  it("lets no second instance on the claim until the first has ended", async () => {
    await kubectl.apply(instanceWith({ claimName: "data" }, "third"));
    await eventually(async () => {
      const third = await kubectl.get<Instance>("vmi", "third");
      assert.equal(condition(third, "LauncherCreated")?.reason, "ClaimInUse");
      assert.match(third.status?.message ?? "", /claim data is in use by instance second/);
      const events = await eventsOf(kubectl, "VirtualMachineInstance", "third");
      assert.ok(events.some((event) => event.startsWith("ClaimInUse")));
    }, 30_000);
    await remove("second");
    await waitForPhase(kubectl, "third", "Running", 90_000);
  });

  it("refuses a disk that refers to another file, as an image's", async () => {
    const evil = `${CLAIMS}/data/evil.qcow2`;
    const create = ["create", "-q", "-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", evil, "1M"];
    await inPod("third", "qemu-img", ...create);
    await inPod("third", "busybox", "mv", evil, `${CLAIMS}/data/disk.img`);
    await remove("third");
    await kubectl.apply(instanceWith({ claimName: "data" }, "fourth"));
    assert.match(await startFailed("fourth"), /claim data: disk\.img has the backing file "\/etc\/shadow"/);
  });

  it("says what to do where a claim has no disk", async () => {
    await kubectl.apply(claim("empty"), instanceWith({ claimName: "empty" }, "no-disk"));
    await eventually(
      async () =>
        assert.match(await startFailed("no-disk"), /claim empty: disk\.img is not there.*create: true/),
      120_000,
    );
  });

  it("gives the guest the device of a Block claim", async () => {
    const volume = await DeviceVolume.create(kubectl, `block-${kubectl.namespace}`, "Block", "64M");
    try {
      await kubectl.apply(
        claim("block", { volumeMode: "Block", storageClassName: volume.name }),
        instanceWith({ claimName: "block" }, "block"),
      );
      await waitForPhase(kubectl, "block", "Running", 90_000);
      const xml = await inPod("block", "virsh", "-q", "dumpxml", `${kubectl.namespace}_block`);
      assert.match(xml, /<source dev='\/dev\/nestlet\/data'/);
      await remove("block");
    } finally {
      await kubectl.try(["delete", "vmi,pvc", "block", "--ignore-not-found", "--timeout=60s"]);
      await volume.remove(kubectl);
    }
  });

  it("keeps what is written over an image, and refuses to go on over another image", async () => {
    const over = (image: string, name: string): object =>
      instanceWith(undefined, name, { image, overlay: { claimName: "kept" } });
    await kubectl.apply(claim("kept"), over("nestlet.dev/halt:1", "over-1"));
    await waitForPhase(kubectl, "over-1", "Running", 120_000);
    const listed = async (name: string): Promise<string> => inPod(name, "ls", "-i", `${CLAIMS}/root/`);
    const before = await listed("over-1");
    assert.match(before, /overlay\.json\n.*overlay\.qcow2/);
    await remove("over-1");
    await kubectl.apply(over("nestlet.dev/halt:1", "over-2"));
    await waitForPhase(kubectl, "over-2", "Running");
    assert.equal(await listed("over-2"), before);
    await remove("over-2");
    await kubectl.apply(over("nestlet.dev/other-halt:1", "over-3"));
    assert.match(
      await startFailed("over-3"),
      /claim kept: overlay\.qcow2 holds what was written over the disk of image nestlet\.dev\/halt:1 .* take nestlet\.dev\/halt:1 again/,
    );
  });
});
