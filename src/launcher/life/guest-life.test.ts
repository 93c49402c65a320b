import assert from "node:assert/strict";
import { GuestLife, type PowerSwitch } from "./guest-life.ts";

/** Counts what is asked of it; `goes` says whether qemu ends when it is asked to. */
function powerSwitch(goes = true): PowerSwitch & { pressed: number; terminated: number; destroyed: number } {
  return {
    pressed: 0,
    terminated: 0,
    destroyed: 0,
    shutdownDomain() {
      this.pressed++;
      return Promise.resolve();
    },
    terminateQemu() {
      this.terminated++;
      return Promise.resolve(goes);
    },
    destroyDomain() {
      this.destroyed++;
      return Promise.resolve();
    },
  };
}

describe("GuestLife", () => {
  it("ends with the domain", async () => {
    const life = new GuestLife();
    life.observe({ type: "Shutdown", detail: "Guest" });
    life.observe({ type: "Stopped", detail: "Shutdown" });
    assert.deepEqual(await life.lastMoments(), {
      detail: "Shutdown",
      panicked: false,
      signalled: false,
      stopRequested: false,
      graceExpired: false,
    });
  });

  it("remembers a panic", async () => {
    const life = new GuestLife();
    life.observe({ type: "Crashed" });
    life.observe({ type: "Stopped", detail: "Crashed" });
    assert.equal((await life.lastMoments()).panicked, true);
  });

  it("a grace period of 0 destroys at once, without the power button", async () => {
    const life = new GuestLife();
    const power = powerSwitch();
    await life.bringDown(power, 0);
    const { detail, graceExpired } = await life.lastMoments();
    assert.deepEqual([power.pressed, power.terminated, power.destroyed], [0, 1, 0]);
    assert.deepEqual([detail, graceExpired], ["Destroyed", false]);
  });

  it("asks libvirt when qemu does not go", async () => {
    const life = new GuestLife();
    const power = powerSwitch(false);
    await life.bringDown(power, 0);
    assert.equal(power.destroyed, 1);
    assert.equal((await life.lastMoments()).detail, "Destroyed");
  });

  it("presses the power button and leaves a guest alone that obeys", async () => {
    const life = new GuestLife();
    const power = powerSwitch();
    const down = life.bringDown(power, 30);
    life.observe({ type: "Stopped", detail: "Shutdown" });
    await down;
    assert.deepEqual([power.pressed, power.terminated], [1, 0]);
    assert.equal((await life.lastMoments()).stopRequested, true);
  });

  it("destroys a guest that does not obey when its grace is over", async () => {
    const life = new GuestLife();
    const power = powerSwitch();
    await life.bringDown(power, 0.05);
    const { detail, graceExpired } = await life.lastMoments();
    assert.ok(power.pressed > 0);
    assert.deepEqual([power.terminated, detail, graceExpired], [1, "Destroyed", true]);
  });
});
