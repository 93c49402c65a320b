import assert from "node:assert/strict";
import { scpFiles, splitLogin, sshArguments, sshCommon } from "./ssh-words.ts";

const place = { host: "10.0.0.7", port: 22, alias: "web.prod.u-1" };

describe("the words for ssh", () => {
  it("name user, key, port and the guest itself", () => {
    const args = sshArguments(
      place,
      { login: "core", identityFile: "key", sshOption: ["LogLevel=ERROR"] },
      [],
    );
    const line = args.join(" ");
    assert.match(line, /^-i key -o LogLevel=ERROR -o HostKeyAlias=web\.prod\.u-1 /);
    assert.match(line, /-p 22 -l core 10\.0\.0\.7$/);
  });
  it("pass on a command as it is", () => {
    const args = sshArguments(place, { login: "core", tty: true }, ["ls", "-l", "a b"]);
    assert.deepEqual(args.slice(-8), ["-t", "-l", "core", "10.0.0.7", "--", "ls", "-l", "a b"]);
  });
  it("have scp's own word for the port", () =>
    assert.deepEqual(sshCommon(place, {}, "-P").slice(-2), ["-P", "22"]));
});

describe("splitLogin", () => {
  for (const [target, name, login] of [
    ["web", "web", "core"],
    ["root@web", "web", "root"],
    ["a@b@web", "web", "a@b"],
  ] as const) {
    it(target, () => assert.deepEqual(splitLogin(target, "core"), { name, login }));
  }
});

describe("scpFiles", () => {
  for (const [files, name, args] of [
    [["a", "web:/tmp/"], "web", ["a", "core@h:/tmp/"]],
    [["root@web:a", "web:b", "."], "web", ["root@h:a", "core@h:b", "."]],
    [["./a:b", "web:"], "web", ["./a:b", "core@h:"]],
  ] as const) {
    it(files.join(" "), () => {
      const found = scpFiles(files, "core");
      assert.equal(found.name, name);
      assert.deepEqual(found.args("h"), args);
    });
  }
  it("wants one machine", () => {
    assert.throws(() => scpFiles(["a", "b"], "core"), /none of the files/);
    assert.throws(() => scpFiles(["a:x", "b:y"], "core"), /several guests: a, b/);
  });
});
