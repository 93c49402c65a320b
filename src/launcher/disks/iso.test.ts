import assert from "node:assert/strict";
import { isoArguments } from "./iso.ts";

describe("isoArguments", () => {
  it("places each file, with its label and names for Unix and Windows", () => {
    const files = new Map([
      ["openstack/latest/user_data", "/run/u"],
      ["a=b\\c", "/run/x=y"],
    ]);
    assert.deepEqual(isoArguments("/run/i.iso", "config-2", files), [
      "-quiet",
      "-volid",
      "config-2",
      "-rational-rock",
      "-joliet",
      "-joliet-long",
      "-follow-links",
      "-output",
      "/run/i.iso",
      "-graft-points",
      "openstack/latest/user_data=/run/u",
      "a\\=b\\\\c=/run/x\\=y",
    ]);
  });
});
