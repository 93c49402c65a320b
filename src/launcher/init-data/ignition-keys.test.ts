import assert from "node:assert/strict";
import { withSshKeys, type KeysOfUser } from "./ignition-keys.ts";

const v3 = { ignition: { version: "3.3.0" } };
const v2 = { ignition: { version: "2.2.0" } };
const groups = [{ name: "g" }];

describe("withSshKeys", () => {
  const cases: readonly (readonly [string, object, KeysOfUser[], object])[] = [
    [
      "adds a user to a config without any",
      v3,
      [{ user: "core", keys: ["a"] }],
      { ...v3, passwd: { users: [{ name: "core", sshAuthorizedKeys: ["a"] }] } },
    ],
    [
      "adds to the keys of a user, each once, and leaves all else",
      { ...v2, passwd: { groups, users: [{ name: "core", uid: 7, sshAuthorizedKeys: ["a"] }] } },
      [{ user: "core", keys: ["a", "b"] }],
      { ...v2, passwd: { groups, users: [{ name: "core", uid: 7, sshAuthorizedKeys: ["a", "b"] }] } },
    ],
    [
      "takes several sources and users",
      { ...v3, passwd: null },
      [
        { user: "core", keys: ["a"] },
        { user: "ops", keys: ["b"] },
        { user: "core", keys: ["c"] },
      ],
      {
        ...v3,
        passwd: {
          users: [
            { name: "core", sshAuthorizedKeys: ["a", "c"] },
            { name: "ops", sshAuthorizedKeys: ["b"] },
          ],
        },
      },
    ],
  ];
  for (const [title, config, keys, wanted] of cases) {
    it(title, () => assert.deepEqual(JSON.parse(withSshKeys(JSON.stringify(config), keys)), wanted));
  }

  it("refuses users that are no list", () => {
    assert.throws(() => withSshKeys('{"passwd":{"users":{}}}', []), /passwd\.users is no list/);
  });
});
