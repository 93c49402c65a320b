import assert from "node:assert/strict";
import { validHere } from "./capabilities-cache.ts";

const image = `<qemuCaps>
  <emulator>/usr/bin/qemu-system-x86_64</emulator>
  <qemuctime>0</qemuctime>
  <selfctime>0</selfctime>
  <flag name='cpu-cache'/>
  <flag name='cpu-unavailable-features'/>
  <flag name='blockdev'/>
</qemuCaps>
`;

describe("validHere", () => {
  it("sets the times, adds those that the image does not have, and drops the slow flag", () => {
    assert.equal(
      validHere(image, { qemuctime: 11, selfctime: 12, qemumoddirmtime: 13 }),
      `<qemuCaps>
  <emulator>/usr/bin/qemu-system-x86_64</emulator>
  <qemuctime>11</qemuctime>
  <qemumoddirmtime>13</qemumoddirmtime>
  <selfctime>12</selfctime>
  <flag name='cpu-cache'/>
  <flag name='blockdev'/>
</qemuCaps>
`,
    );
  });
});
