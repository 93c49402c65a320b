import assert from "node:assert/strict";
import { glob, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { buildNestctl } from "./main.ts";

describe("the package of nestctl", function () {
  this.timeout(180_000);
  let folder: string;
  let bin: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "nestctl-package-"));
    bin = join(folder, "prefix/bin");
    await buildNestctl(join(folder, "nestctl"));
  });
  after(async () => rm(folder, { recursive: true }));

  const run = async (program: string, ...words: string[]): Promise<string> => {
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: folder };
    const { stdout } = await execa(program, words, { cwd: folder, env, extendEnv: false });
    return stdout;
  };

  it("holds the program, the CRDs and the licence, and nothing else", async () => {
    const [packed] = JSON.parse(await run("npm", "pack", "--json", join(folder, "nestctl"))) as [
      { filename: string; files: { path: string }[] },
    ];
    const paths = packed.files.map(({ path }) => path);
    const parts = /^lib\/(later\/)?[\w.-]+\.cjs$/;
    assert.deepEqual(paths.filter((path) => !parts.test(path)).toSorted(), [
      "LICENSE",
      "kubectl-nest.cjs",
      "kubectl_complete-nest.cjs",
      "lib/crds/coreoscluster.yaml",
      "lib/crds/virtualmachine.yaml",
      "lib/crds/virtualmachineinstance.yaml",
      "nestctl.cjs",
      "package.json",
    ]);
    assert.ok(paths.includes("lib/main.cjs"));
  });

  describe("loads what only some kubeconfigs need", () => {
    let heard: Promise<string>;
    let server: Server;
    let port: string;
    beforeEach(async () => {
      server = createServer();
      heard = new Promise((resolve) =>
        server.on("connection", (socket) =>
          socket
            .on("error", () => undefined)
            .once("data", (data) => {
              resolve(data.toString("latin1"));
              socket.destroy();
            }),
        ),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      port = String((server.address() as AddressInfo).port);
    });
    afterEach(() => server.close());

    const get = async (cluster: object, user: object): Promise<string> => {
      const file = join(folder, "kubeconfig");
      const config = {
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
        clusters: [{ name: "c", cluster }],
        users: [{ name: "c", user }],
      };
      await writeFile(file, JSON.stringify(config));
      const words = [join(folder, "nestctl/nestctl.cjs"), "--kubeconfig", file, "get", "vm"];
      const { stderr } = await execa(process.execPath, words, {
        env: { HOME: folder },
        extendEnv: false,
        reject: false,
      });
      return stderr;
    };

    it("an HTTP proxy", async () => {
      const said = await get(
        { server: "https://api.example:6443", "proxy-url": `http://127.0.0.1:${port}` },
        {},
      );
      assert.match(said, /^error: API server https:\/\/api\.example:6443 cannot be reached/);
      assert.match(await heard, /^CONNECT api\.example:6443 /);
    });

    it("a SOCKS proxy", async () => {
      const cluster = { server: "https://127.0.0.1:6443", "proxy-url": `socks5://127.0.0.1:${port}` };
      const said = await get(cluster, {});
      assert.match(said, /^error: API server https:\/\/127\.0\.0\.1:6443 cannot be reached/);
      assert.equal((await heard).charCodeAt(0), 5);
    });

    it("a cloud's program that gives a token", async () => {
      const program = join(folder, "token");
      await writeFile(program, `#!/bin/sh\necho '{"credential":{"access_token":"abc"}}'\n`, { mode: 0o755 });
      const config = {
        "cmd-path": program,
        "token-key": "{.credential.access_token}",
        "expiry-key": "{.credential.expiry}",
      };
      const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
      assert.match(await get(cluster, { "auth-provider": { name: "gcp", config } }), /cannot be reached/);
      assert.match(await heard, /\r\nauthorization: Bearer abc\r\n/i);
    });
  });

  it("runs where it was installed, by each of its names", async () => {
    const [file] = await Array.fromAsync(glob("*.tgz", { cwd: folder }));
    await run("npm", "install", "--offline", "--global", "--prefix", join(folder, "prefix"), file ?? "");
    assert.match(await run("nestctl", "--help"), /^Usage: nestctl /);
    assert.match(await run("kubectl-nest", "--help"), /^Usage: kubectl nest /);
    assert.match(await run("kubectl_complete-nest", "completion", ""), /^bash\b/);
    const manifest = await run("nestctl", "create", "vm", "web", "--image", "x/y:1");
    const { stdout } = await execa(join(bin, "nestctl"), ["validate", "-"], {
      input: manifest,
      env: { HOME: folder },
    });
    assert.equal(stdout, "1 object(s) are valid");
  });
});
