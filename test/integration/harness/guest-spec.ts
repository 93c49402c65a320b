import type { InstanceSpec } from "../../../src/api/resources.ts";

/** The smallest guest: one registry disk. */
export const guest: InstanceSpec = {
  domain: { memory: { guest: "64Mi" }, devices: { disks: [{ name: "root" }] } },
  volumes: [{ name: "root", registryDisk: { image: "nestlet.dev/halt:1" } }],
};
