import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHierarchies } from "./cgroups.ts";
import { parseMountPoints } from "./mounts.ts";
import { belongsToLab } from "./processes.ts";
import { parseShimAddress, removeDevicePluginFiles } from "./traces.ts";

describe("cgroup hierarchies in mountinfo", () => {
  it("are many in v1, each with its controllers", () => {
    const text = [
      "30 24 0:26 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs rw,mode=755",
      "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct",
      "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
      "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    ].join("\n");
    assert.deepEqual(parseHierarchies(text), [
      { path: "/sys/fs/cgroup/cpu,cpuacct", version: 1, controllers: ["cpu", "cpuacct"] },
      { path: "/sys/fs/cgroup/systemd", version: 1, controllers: ["name=systemd"] },
      { path: "/sys/fs/cgroup/unified", version: 2, controllers: [] },
    ]);
  });

  it("are one in v2", () => {
    const text = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    assert.deepEqual(parseHierarchies(text), [{ path: "/sys/fs/cgroup", version: 2, controllers: [] }]);
  });
});

describe("mount points of the lab", () => {
  const line = (path: string): string => `30 24 0:26 / ${path} rw - tmpfs tmpfs rw`;

  it("are those in or below its folders, innermost first", () => {
    const text = ["/", "/run/lab", "/run/lab/a", "/run/labour", "/run/lab/a/b", "/home"].map(line).join("\n");
    assert.deepEqual(parseMountPoints(text, ["/run/lab"]), ["/run/lab/a/b", "/run/lab/a", "/run/lab"]);
  });

  it("may have blanks", () => {
    assert.deepEqual(parseMountPoints(line("/run/lab/a\\040b"), ["/run/lab"]), ["/run/lab/a b"]);
  });
});

describe("processes of the lab", () => {
  const marks = { namespaces: new Set(["net:[7]"]), cgroup: "lab" };
  for (const [what, namespace, cgroups, expected] of [
    ["one in the lab's network namespace", "net:[7]", "0::/", true],
    ["one in a pod's cgroup", "net:[1]", "8:pids:/\n3:cpu:/lab/kubepods/pod1", true],
    ["one in the lab's cgroup", "net:[1]", "0::/lab", true],
    ["one in a cgroup that only starts with its name", "net:[1]", "0::/lab-other/x", false],
    ["one in a cgroup of that name deeper down", "net:[1]", "0::/system/lab", false],
    ["any other", "net:[1]", "0::/user.slice", false],
  ] as const) {
    it(`${expected ? "include" : "do not include"} ${what}`, () => {
      assert.equal(belongsToLab({ pid: 1, namespace, cgroups }, marks), expected);
    });
  }
});

describe("a kubelet's device plugin files", () => {
  const files = ["kubelet.sock", "kubelet_internal_checkpoint"];
  let dir: string;
  let server: Server;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "nestlet-traces-"));
    server = createServer().listen(join(dir, "kubelet.sock"));
    await once(server, "listening");
    await writeFile(join(dir, "kubelet_internal_checkpoint"), "{}");
  });
  afterEach(async () => {
    server.close();
    await rm(dir, { recursive: true });
  });

  it("stay while a kubelet listens", async () => {
    await removeDevicePluginFiles(dir);
    assert.deepEqual((await readdir(dir)).toSorted(), files);
  });

  it("go when none does", async () => {
    await rename(join(dir, "kubelet.sock"), join(dir, "moved"));
    server.close();
    await once(server, "close");
    await writeFile(join(dir, "kubelet.sock"), "");
    await removeDevicePluginFiles(dir);
    assert.deepEqual(
      (await readdir(dir)).filter((name) => files.includes(name)),
      [],
    );
  });
});

describe("a shim's address", () => {
  it("is a path in containerd's notes", () => {
    const text = '{"version":3,"address":"unix:///run/containerd/s/bfbd","protocol":"ttrpc"}';
    assert.equal(parseShimAddress(text), "/run/containerd/s/bfbd");
    assert.equal(parseShimAddress(""), undefined);
  });
});
