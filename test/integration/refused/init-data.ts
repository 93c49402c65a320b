import type { Volume } from "../../../src/api/resources.ts";
import { guest } from "../harness/objects.ts";
import type { Case } from "../harness/refusal.ts";

const root = { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } };

/** A guest with one more volume, and a disk of its name. */
export function withVolumes(...volumes: Volume[]): typeof guest {
  const disks = [root, ...volumes].map(({ name }) => ({ name }));
  return { ...guest, domain: { ...guest.domain, devices: { disks } }, volumes: [root, ...volumes] };
}

/** A guest with keys for ssh that go a way. */
export const withKeys = (way: object, ...volumes: Volume[]): typeof guest => ({
  ...withVolumes(...volumes),
  accessCredentials: [
    { sshPublicKey: { source: { secret: { secretName: "keys" } }, propagationMethod: way } },
  ],
});

export const noCloud = (cloudInitNoCloud: Volume["cloudInitNoCloud"]): Volume =>
  ({ name: "init", cloudInitNoCloud }) as Volume;

const long = "x".repeat(20_000);

/** Both kinds of disk that cloud-init reads have the same fields. */
const contents: readonly (readonly [string, NonNullable<Volume["cloudInitNoCloud"]>, string])[] = [
  ["nothing", {}, "gives the guest nothing; add userData"],
  [
    "user data in two places",
    { userData: "a", secretRef: { name: "s" } },
    "only one of userData, userDataBase64 and secretRef may be given",
  ],
  [
    "network data in two places",
    { networkData: "a", networkDataBase64: "YQ==" },
    "only one of networkData, networkDataBase64 and networkDataSecretRef may be given",
  ],
  [
    "user data that is too long",
    { userData: "x".repeat(16_385) },
    "userData has 16385 characters, at most 16384 are possible here; put it into a Secret under the key userdata",
  ],
  ["user data that is too long in base64", { userDataBase64: long }, "userDataBase64 has 20000 characters"],
  ["network data that is too long", { networkData: long }, "networkData has 20000 characters"],
  [
    "network data that is too long in base64",
    { networkDataBase64: long },
    "put it into a Secret under the key networkdata and name that as networkDataSecretRef",
  ],
  [
    "user data that is no base64",
    { userDataBase64: "#cloud-config" },
    "userDataBase64 is not base64; encode it with `base64 -w0`",
  ],
  [
    "network data that is no base64",
    { networkDataBase64: "version: 2" },
    "networkDataBase64 is not base64; encode it with `base64 -w0`",
  ],
];

const contentCases = contents.flatMap(([title, content, says]): Case[] => [
  { title: `cloudInitNoCloud with ${title}`, spec: { ...withVolumes(noCloud(content)) }, says },
  {
    title: `cloudInitConfigDrive with ${title}`,
    spec: { ...withVolumes({ name: "init", cloudInitConfigDrive: content }) },
    says,
  },
]);

const otherCases: readonly (readonly [string, typeof guest, string])[] = [
  [
    "keys but no volume for them",
    withKeys({ noCloud: {} }),
    "noCloud needs a cloudInitNoCloud volume; add one",
  ],
  [
    "keys for no drive",
    withKeys({ configDrive: {} }),
    "configDrive needs a cloudInitConfigDrive volume; add",
  ],
  ["keys for no Ignition", withKeys({ ignition: {} }), "ignition needs an ignition volume; add one"],
  [
    "keys that go two ways",
    withKeys({ ignition: {}, noCloud: {} }, noCloud({ userData: "a" })),
    "exactly one of noCloud, configDrive and ignition must be given",
  ],
  ["keys by the guest agent", withKeys({ qemuGuestAgent: {} }), "propagationMethod.qemuGuestAgent"],
  [
    "two volumes",
    withVolumes(noCloud({ userData: "a" }), { name: "more", cloudInitConfigDrive: { userData: "a" } }),
    'volumes: "more" is a second volume for cloud-init, which reads only one; merge the two',
  ],
  [
    "no disk",
    { ...guest, volumes: [root, noCloud({ userData: "a" })] },
    'volumes: volume "init" is used by no disk and no filesystem; add a disk of this name',
  ],
];

export const initDataCases: Case[] = [
  ...contentCases,
  ...otherCases.map(([title, spec, says]) => ({
    title: `cloud-init with ${title}`,
    spec: { ...spec },
    says,
  })),
];
