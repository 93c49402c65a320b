import assert from "node:assert/strict";
import type { Secret } from "../../kube/object.ts";
import { readInputs } from "./inputs.ts";

function secret(data: Record<string, string>): Secret {
  const meta = { namespace: "a", name: "s", uid: "u", resourceVersion: "1", creationTimestamp: "" };
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return { apiVersion: "v1", kind: "Secret", metadata: meta, data: Object.fromEntries(encoded) as never };
}

const key = "ssh-ed25519 AAAA me";
const ssh = { ssh: { secretRef: { name: "s" } } };

describe("readInputs", () => {
  it("takes ssh keys from the spec and from a Secret's only key", async () => {
    const found = secret({ keys: `# mine\n${key}\n\n` });
    const inputs = await readInputs({ ssh: { authorizedKeys: ["ssh-rsa BBBB"], ...ssh.ssh } }, async () =>
      Promise.resolve(found),
    );
    assert.deepEqual(inputs.sshAuthorizedKeys, ["ssh-rsa BBBB", key]);
  });

  it("takes snippets in their order, for all members unless told otherwise", async () => {
    const config = { ignition: { version: "3.3.0" } };
    const snippets = [
      { inline: JSON.stringify(config) },
      { roles: ["Worker" as const], secretRef: { name: "s" } },
    ];
    const inputs = await readInputs({ ignition: { snippets } }, async () =>
      Promise.resolve(secret({ c: JSON.stringify(config) })),
    );
    assert.deepEqual(inputs.snippets, [
      { roles: ["Master", "Worker"], config },
      { roles: ["Worker"], config },
    ]);
  });

  for (const [title, found, says] of [
    ["no Secret", undefined, "spec.ssh.secretRef: Secret s does not exist or is empty"],
    [
      "several keys",
      { a: key, b: key },
      "spec.ssh.secretRef: Secret s has the keys a, b; say in key which one",
    ],
    ["no key in it", { a: "" }, "spec.ssh.secretRef: holds no key"],
    [
      "a private key",
      { a: "-----BEGIN OPENSSH PRIVATE KEY-----" },
      "spec.ssh.secretRef: key 1 is not a public key",
    ],
  ] as [string, Record<string, string> | undefined, string][]) {
    it(`refuses ${title}`, async () => {
      const find = async (): Promise<Secret | undefined> =>
        Promise.resolve(found === undefined ? undefined : secret(found));
      await assert.rejects(readInputs(ssh, find), (error: Error) => {
        assert.ok(error.message.startsWith(says), error.message);
        assert.doesNotMatch(error.message, /BEGIN/);
        return true;
      });
    });
  }

  for (const [title, inline, says] of [
    ["half a config", '{\n"ignition": {', /^spec\.ignition\.snippets\[0\] is not JSON: .*\(line 2\)$/],
    ["YAML", "variant: fcos", /^spec\.ignition\.snippets\[0\] is not JSON: Unexpected token 'v' \(line 1\)$/],
    ["a comma too many", '{\n"a": [\n1,]}', /is not JSON: Unexpected token ']' \(line 3\)$/],
    ["a word cut short", '{\n"a": tru\n}', /is not JSON: Unexpected token '\\n' \(line 2\)$/],
    ["a wrong comma", '{\n"ignition":\n{"version" "3.3.0"}}', /is not JSON: Expected ':' .*\(line 3\)$/],
    [
      "an older version",
      '{"ignition": {\n"version": "2.2.0"}}',
      /: ignition\.version is 2\.2\.0; give a config .*\(line 2\)$/,
    ],
    [
      "an unknown key",
      '{\n"ignition": {"version": "3.3.0"},\n"files": []}',
      /^spec\.ignition\.snippets\[0\]: files is no key of Ignition's; known are ignition, .*systemd \(line 3\)$/,
    ],
    [
      "a mode in octal",
      '{"ignition": {"version": "3.3.0"}, "storage": {\n"files": [\n{"path": "/a",\n"mode": "0644"}]}}',
      /^spec\.ignition\.snippets\[0\]: storage\.files\[0\]\.mode is a string, want a number: .* \(line 4\)$/,
    ],
    [
      "no version",
      "[]",
      /: ignition\.version is missing; give a config of version 3\.0\.0 to 3\.3\.0 \(line 1\)$/,
    ],
  ] as [string, string, RegExp][]) {
    it(`refuses a snippet that is ${title}`, async () => {
      const reading = readInputs({ ignition: { snippets: [{ inline }] } }, async () =>
        Promise.resolve(undefined),
      );
      await assert.rejects(reading, (error: Error) => {
        assert.match(error.message, says);
        return true;
      });
    });
  }
});
