import assert from "node:assert/strict";
import { guestSpec } from "../../../test/support/stored.ts";
import { hostDiskObstacle } from "./host-disk-obstacle.ts";

function obstacleOf(path: string, folders?: readonly string[]): string | undefined {
  const volumes = [{ name: "root", hostDisk: { path, type: "Disk" as const } }];
  return hostDiskObstacle({ spec: { ...guestSpec, volumes } }, folders)?.message;
}

describe("hostDiskObstacle", () => {
  it("is none where the folder is allowed", () => {
    assert.equal(obstacleOf("/srv/disks/a.img", ["/var/lib/vms", "/srv/disks"]), undefined);
    assert.equal(obstacleOf("/srv/disks/team//a.img", ["/srv/disks"]), undefined);
    assert.equal(hostDiskObstacle({ spec: guestSpec }, []), undefined);
  });
  it("is one for every path where nothing is allowed, and says what to do", () => {
    assert.match(
      obstacleOf("/srv/a.img") ?? "",
      /^volume root: hostDisk \/srv\/a\.img is forbidden: the installation allows none; have its folder added/,
    );
  });
  for (const path of ["/srv/disks", "/srv/disks-of-others/a.img", "/srv/disks/../shadow", "/etc/shadow"]) {
    it(`is one for ${path}`, () => {
      assert.match(obstacleOf(path, ["/srv/disks"]) ?? "", /allows them in \/srv\/disks only/);
    });
  }
});
