import assert from "node:assert/strict";
import { lineOfPath, snippetFault } from "./ignition-snippet.ts";

const ignition = { version: "3.3.0" };

/** `path: what` of the first fault; empty for none. */
function faultOf(config: object): string {
  const found = snippetFault({ ignition, ...config });
  return found === undefined ? "" : `${found.path.join(".")}: ${found.what}`;
}

describe("a snippet of an Ignition config", () => {
  const file = { path: "/etc/motd", mode: 420, contents: { source: "data:,hello" } };
  const unit = { name: "a.service", enabled: true, contents: "[Unit]" };
  const good: [string, object][] = [
    ["nothing more", {}],
    ["files and units", { storage: { files: [file] }, systemd: { units: [unit] } }],
    ["null for what is left out", { storage: { files: null }, passwd: null }],
    ["kernel arguments", { kernelArguments: { shouldExist: ["quiet"] } }],
    [
      "users",
      { passwd: { users: [{ name: "core", sshAuthorizedKeys: ["ssh-rsa A"], groups: ["docker"] }] } },
    ],
    ["disks", { storage: { disks: [{ device: "/dev/vdb", partitions: [{ number: 1 }] }] } }],
    ["filesystems", { storage: { filesystems: [{ device: "/dev/vdb", format: "ext4", path: "/var" }] } }],
    ["links", { storage: { links: [{ path: "/a", target: "b", hard: false }] } }],
  ];
  for (const [title, config] of good) {
    it(`may have ${title}`, () => {
      assert.equal(faultOf(config), "");
    });
  }

  const wrong: [object, string][] = [
    [
      { files: [] },
      "files: is no key of Ignition's; known are ignition, kernelArguments, passwd, storage, systemd",
    ],
    [{ storage: [] }, "storage: is a list, want an object"],
    [{ systemd: { units: { name: "a" } } }, "systemd.units: is an object, want a list"],
    [
      { systemd: { units: [{ name: "a" }] } },
      'systemd.units.0.name: "a" is not a unit of systemd; end it with',
    ],
    [
      { systemd: { units: [{ ...unit, enabled: "yes" }] } },
      "systemd.units.0.enabled: is a string, want a boolean",
    ],
    [{ systemd: { units: [unit, unit] } }, 'systemd.units.1.name: "a.service" is there twice'],
    [
      { systemd: { units: [{ ...unit, dropins: [{ name: "x" }] }] } },
      "systemd.units.0.dropins.0.name: does not end",
    ],
    [{ systemd: { units: [{ ...unit, content: "" }] } }, "systemd.units.0.content: is no key of Ignition's"],
    [{ storage: { files: [{ mode: 420 }] } }, "storage.files.0.path: is missing, want a path"],
    [
      { storage: { files: [{ path: "etc/motd" }] } },
      'storage.files.0.path: "etc/motd" is not absolute; begin it',
    ],
    [{ storage: { files: [file, file] } }, 'storage.files.1.path: "/etc/motd" is there twice'],
    [
      { storage: { files: [{ ...file, mode: "0644" }] } },
      "storage.files.0.mode: is a string, want a number: 420 is",
    ],
    [
      { storage: { files: [{ ...file, mode: 10_000 }] } },
      "storage.files.0.mode: is 10000, want a number from 0 to",
    ],
    [
      { storage: { files: [{ ...file, contents: "hi" }] } },
      "storage.files.0.contents: is a string, want an object",
    ],
    [{ passwd: { users: [{ shell: "/bin/sh" }] } }, "passwd.users.0.name: is missing, want a name"],
    [{ ignition: "3.3.0" }, "ignition: is a string, want an object"],
  ];
  for (const [config, says] of wrong) {
    it(`may not have ${JSON.stringify(config)}`, () => {
      assert.ok(faultOf(config).startsWith(says), faultOf(config));
    });
  }
});

describe("the line of a place in a JSON text", () => {
  const text = `{
  "ignition": { "version": "3.3.0" },
  "storage": {
    "files": [
      { "path": "/a", "x": [[], {}, [1, "}"]] },
      {
        "path": "/b\\"",
        "mode": "0644"
      }
    ],
    "directories": []
  },
  "path": null
}`;
  for (const [path, line] of [
    [["ignition", "version"], 2],
    [["storage"], 3],
    [["storage", "files", 0, "path"], 5],
    [["storage", "files", 1], 6],
    [["storage", "files", 1, "mode"], 8],
    [["storage", "files", 1, "missing"], 6],
    [["storage", "directories"], 11],
    [["path"], 13],
    [["nowhere"], 1],
  ] as [(string | number)[], number][]) {
    it(`is ${String(line)} of ${path.join(".")}`, () => {
      assert.equal(lineOfPath(text, path), line);
    });
  }
});
