import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { DomainEvent } from "../hypervisor/domain-event.ts";
import { fullDisksIn, RoomWatch } from "./room-watch.ts";

const MiB = 2 ** 20;
const IO_ERROR: DomainEvent = { type: "Suspended", detail: "IOError" };

/** As qemu 7.2 tells it. */
function blocks(status: string): string {
  const root = { device: "", qdev: "/machine/peripheral/ua-root/virtio-backend", "io-status": "ok" };
  const data = { device: "", qdev: "/machine/peripheral/ua-data/virtio-backend", "io-status": status };
  return JSON.stringify({ return: [root, data, { device: "", qdev: "ua-cd" }], id: "libvirt-1" });
}

describe("fullDisksIn", () => {
  it("names the disks without room, and no others", () => {
    assert.deepEqual(fullDisksIn(blocks("nospace")), ["data"]);
    assert.deepEqual(fullDisksIn(blocks("failed")), []);
    assert.deepEqual(fullDisksIn('{"error":{}}'), []);
  });
});

describe("RoomWatch", () => {
  /** A watch over two disks whose file system has these free bytes at its looks. */
  function watchOver(
    free: number[],
    status = "nospace",
  ): { watch: RoomWatch; told: string[]; settled: () => Promise<void> } {
    const told: string[] = [];
    const watch = new RoomWatch({
      disks: [
        { name: "root", file: "/a/root.qcow2" },
        { name: "data", file: "/b/disk.img" },
      ],
      qmp: () => Promise.resolve(blocks(status)),
      unpause: () => Promise.resolve(void told.push("unpause")),
      explain: (reason) => void told.push(reason),
      freeBytes: (file) => Promise.resolve(void told.push(file)).then(() => free.shift() ?? 0),
      wait: async (_, signal) => {
        await turn();
        signal.throwIfAborted();
      },
    });
    const settled = async (): Promise<void> => {
      for (let turns = 0; turns < 20; turns++) await turn();
    };
    return { watch, told, settled };
  }

  it("says why, waits for room on the full disk's file system, and lets the guest go on", async () => {
    const { watch, told, settled } = watchOver([0, MiB, 16 * MiB]);
    watch.observe(IO_ERROR);
    watch.observe(IO_ERROR);
    await settled();
    assert.deepEqual(told, ["NoSpace", "/b/disk.img", "/b/disk.img", "/b/disk.img", "unpause"]);
  });

  it("does so again when it is full again", async () => {
    const { watch, told, settled } = watchOver([16 * MiB, 16 * MiB]);
    for (let round = 0; round < 2; round++) {
      watch.observe(IO_ERROR);
      await settled();
      watch.observe({ type: "Resumed" });
    }
    assert.equal(told.filter((word) => word === "unpause").length, 2);
  });

  it("leaves other errors to people", async () => {
    const { watch, told, settled } = watchOver([16 * MiB], "failed");
    watch.observe(IO_ERROR);
    await settled();
    assert.deepEqual(told, []);
  });

  for (const [who, stop] of [
    ["a person pauses it", (watch: RoomWatch) => watch.hold()],
    ["it goes on", (watch: RoomWatch) => watch.observe({ type: "Resumed" })],
    ["it ends", (watch: RoomWatch) => watch.observe({ type: "Stopped", detail: "Destroyed" })],
  ] as const) {
    it(`leaves the guest alone once ${who}`, async () => {
      const { watch, told, settled } = watchOver([0, 0, 0, 0]);
      watch.observe(IO_ERROR);
      for (let turns = 0; turns < 4; turns++) await turn();
      stop(watch);
      await settled();
      assert.ok(!told.includes("unpause"));
      assert.ok(told.length <= 5);
    });
  }
});
