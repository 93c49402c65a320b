import assert from "node:assert/strict";
import { guestInfoOf } from "./guest-info.ts";

describe("guestInfoOf", () => {
  it("reads what an agent answers", () => {
    const answers = {
      "guest-info": { version: "7.2.11", supported_commands: [] },
      "guest-get-host-name": { "host-name": "web" },
      "guest-get-osinfo": {
        id: "debian",
        name: "Debian GNU/Linux",
        "pretty-name": "Debian GNU/Linux 12 (bookworm)",
        version: "12 (bookworm)",
        "version-id": "12",
        "kernel-release": "6.1.0-25-cloud-amd64",
        "kernel-version": "#1 SMP",
        machine: "x86_64",
      },
      "guest-get-timezone": { zone: "CET", offset: 3600 },
      "guest-get-users": [{ user: "core", "login-time": 1700000000.5 }],
      "guest-network-get-interfaces": [
        {
          name: "eth0",
          "hardware-address": "52:54:00:12:34:56",
          "ip-addresses": [
            { "ip-address": "10.0.0.7", "ip-address-type": "ipv4", prefix: 24 },
            { "ip-address": "fe80::1", "ip-address-type": "ipv6", prefix: 64 },
          ],
        },
        { name: "dummy0" },
      ],
      "guest-get-fsinfo": [
        { name: "vda1", mountpoint: "/", type: "ext4", "used-bytes": 5, "total-bytes": 9, disk: [] },
      ],
    };
    assert.deepEqual(guestInfoOf(answers), {
      guestAgentVersion: "7.2.11",
      hostname: "web",
      os: {
        id: "debian",
        name: "Debian GNU/Linux",
        prettyName: "Debian GNU/Linux 12 (bookworm)",
        version: "12 (bookworm)",
        versionId: "12",
        kernelRelease: "6.1.0-25-cloud-amd64",
        kernelVersion: "#1 SMP",
        machine: "x86_64",
      },
      timezone: "CET, 3600",
      userList: [{ userName: "core", loginTime: 1700000000.5 }],
      interfaces: [
        {
          interfaceName: "eth0",
          mac: "52:54:00:12:34:56",
          ipAddress: "10.0.0.7",
          ipAddresses: ["10.0.0.7", "fe80::1"],
        },
        { interfaceName: "dummy0", ipAddresses: [] },
      ],
      fsInfo: {
        disks: [{ diskName: "vda1", mountPoint: "/", fileSystemType: "ext4", usedBytes: 5, totalBytes: 9 }],
      },
    });
  });

  it("leaves out what an agent does not answer", () => assert.deepEqual(guestInfoOf({}), {}));

  it("leaves out what a guest makes up", () => {
    const answers = {
      "guest-info": "7.2",
      "guest-get-host-name": { "host-name": ["web"] },
      "guest-get-osinfo": { id: 1, name: "Linux" },
      "guest-get-timezone": { zone: "CET", offset: "far" },
      "guest-get-users": [{ user: 7 }, null, { user: "core", "login-time": "now" }],
      "guest-network-get-interfaces": { name: "eth0" },
      "guest-get-fsinfo": [{ name: "vda1" }, "vda2"],
    };
    assert.deepEqual(guestInfoOf(answers), {
      os: { name: "Linux" },
      userList: [{ userName: "core" }],
      fsInfo: { disks: [] },
    });
  });
});
