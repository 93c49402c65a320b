import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { BreakableLine } from "../support/breakable-line.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
import { kernelGuest, loadKernelLab } from "../support/kernel-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { machine } from "../support/objects.ts";
import { firstLine, Nestctl, type Said } from "../support/nestctl.ts";
import { Terminal } from "../support/terminal.ts";

const BOOT_MS = 180_000;

describe("nestctl and a guest that runs", function () {
  this.timeout(BOOT_MS + 120_000);
  let kubectl: Kubectl;
  let login: Login;
  let nestctl: Nestctl;
  let flags: string[];
  let key: string[];

  before(async () => {
    await loadKernelLab();
    [kubectl, login, nestctl] = await Promise.all([ownNamespace("nestctl"), Login.create(), Nestctl.build()]);
    flags = ["--kubeconfig", kubectl.kubeconfig, "--namespace", kubectl.namespace];
    key = ["-i", join(login.directory, "key")];
    const image = ["--image", "nestlet.dev/coreos-lab:1.36"];
    const manifest = await run(
      "create",
      "vm",
      "web",
      ...image,
      "--ssh-key",
      join(login.directory, "key.pub"),
    );
    await kubectl.run(["apply", "-f", "-"], manifest);
    await run("wait", "web", "--for", "Running");
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await Promise.all([login.remove(), nestctl.remove()]);
  });

  const run = async (...words: string[]): Promise<string> => nestctl.run([...flags, ...words]);
  const attempt = async (...words: string[]): Promise<Said> => nestctl.try([...flags, ...words]);
  const terminal = (...words: string[]): Terminal =>
    new Terminal([process.execPath, nestctl.program, ...flags, ...words]);

  it("attaches a terminal to its console, which a second one takes over", async () => {
    const first = terminal("console", "web");
    await first.hears(/attached to the console of web; press Ctrl\+\] to leave it/, 20_000);
    await first.hears(/web login: /, BOOT_MS, "\r");
    const second = terminal("console", "web");
    await second.hears(/web login: /, 20_000, "\r");
    assert.equal(await first.ended(), 0);
    assert.match(first.heard, /\[nestlet: another console took over; attach again to take it back\]/);
    // Keys reach the guest as they are: it, and not this terminal, echoes them; Ctrl+C ends nothing here.
    second.type("nobody\x03");
    await second.hears(/nobody/, 20_000);
    await second.hears(/web login: [^]*web login: /, 20_000, "\r");
    second.type("\x1d");
    assert.equal(await second.ended(), 0);
  });

  it("attaches again when the connection to its console breaks", async () => {
    const line = await BreakableLine.open(kubectl.kubeconfig, nestctl.folder);
    const through = ["--kubeconfig", line.kubeconfig, "--namespace", kubectl.namespace];
    const console = (...words: string[]): Terminal =>
      new Terminal([process.execPath, nestctl.program, ...through, "console", "web", ...words]);
    try {
      const lasting = console();
      await lasting.hears(/web login: /, 30_000, "\r");
      line.break();
      await lasting.hears(/connecting again[^]*web login: /, 60_000, "\r");
      lasting.type("\x1d");
      assert.equal(await lasting.ended(), 0);
      const brief = console("--no-reconnect");
      await brief.hears(/web login: /, 30_000, "\r");
      line.break();
      await brief.ended();
      assert.doesNotMatch(brief.heard, /connecting again/);
    } finally {
      await line.close();
    }
  });

  it("runs commands in it by ssh, directly and through a relay, and gives back their codes", async () => {
    const hello = ["--", "echo", "hello; exit 7"];
    await eventually(
      async () => {
        const said = await attempt("ssh", "web", ...key, "--ssh-option", "ConnectTimeout=5", ...hello);
        assert.deepEqual([said.output, said.exitCode], ["hello\n", 7], said.errors);
      },
      BOOT_MS,
      2000,
    );
    const relayed = await attempt("ssh", "web", "--via", "relay", ...key, ...hello);
    assert.deepEqual([relayed.output, relayed.exitCode], ["hello\n", 7], relayed.errors);
    assert.match(relayed.errors, /going through a relay pod/);
    await noRelays();
  });

  const noRelays = async (): Promise<void> => {
    await eventually(async () => {
      assert.deepEqual(await kubectl.list("pods", "-l", "app.kubernetes.io/managed-by=nestctl"), []);
    }, 30_000);
  };

  it("copies files to it and back through a relay, whole", async () => {
    const [file, back] = [join(nestctl.folder, "file"), join(nestctl.folder, "back")];
    await writeFile(file, Buffer.alloc(8_000_000, "0123456789abcdef\n"));
    await run("scp", "--via", "relay", ...key, file, "web:/tmp/file");
    await run("scp", "--via", "relay", ...key, "web:/tmp/file", back);
    assert.ok((await readFile(back)).equals(await readFile(file)));
    await noRelays();
  });

  it("copies folders, and gives a command a terminal where one is asked for", async () => {
    const folder = join(nestctl.folder, "site");
    await mkdir(join(folder, "deep"), { recursive: true });
    await writeFile(join(folder, "deep/page"), "hello\n");
    await run("scp", "-r", ...key, folder, "web:/tmp/");
    assert.equal(await run("ssh", "core@web", ...key, "--", "cat", "/tmp/site/deep/page"), "hello\n");
    const without = await attempt("ssh", "web", ...key, "--", "tty");
    assert.match(without.output, /^not a tty/);
    const session = terminal("ssh", "web", ...key, "--tty", "--", "tty");
    await session.ended();
    assert.match(session.heard, /\/dev\/pts\/\d/);
  });

  it("joins a port to standard input and output, for ssh's ProxyCommand", async () => {
    const args = [...flags, "port-forward", "web", "22", "--stdio"];
    const joined = execa(process.execPath, [nestctl.program, ...args], { reject: false, buffer: false });
    assert.match(await firstLine(joined.stdout), /^SSH-2\.0/);
    joined.stdin.end();
    await joined;
  });

  it("leads a local port to it, until it is stopped", async () => {
    const args = [...flags, "port-forward", "web", ":22", "--via", "relay"];
    const forwarding = execa(process.execPath, [nestctl.program, ...args], { reject: false, buffer: false });
    const line = await firstLine(forwarding.stdout);
    const port = /forwarding 127\.0\.0\.1:(\d+) -> 22/.exec(line)?.[1] ?? "";
    const { stdout } = await execa("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port}; head -c 7 <&3`]);
    assert.equal(stdout, "SSH-2.0");
    forwarding.kill("SIGTERM");
    await forwarding;
    await noRelays();
  });

  it("tells what its console wrote, and what its launcher did", async () => {
    assert.match(await run("logs", "web", "--tail", "200"), /Linux version|Debian|systemd/);
    const timed = await run("logs", "web", "--since", "1h", "--timestamps", "--tail", "3");
    for (const row of timed.trim().split("\n")) assert.match(row, /^\d{4}-\d\d-\d\dT\S+Z /);
    const own = await run("logs", "web", "--launcher");
    for (const line of own.trim().split("\n")) assert.doesNotThrow(() => JSON.parse(line), line);
    assert.match(own, /"msg":"step done"/);
    const following = execa(
      process.execPath,
      [nestctl.program, ...flags, "logs", "web", "-f", "--tail", "1"],
      {
        reject: false,
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await run("ssh", "web", ...key, "--", "echo 'followed '$((6 * 7)) | sudo tee /dev/ttyS0");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    following.kill("SIGTERM");
    assert.match((await following).stdout, /followed 42/);
  });

  it("asks its agent, takes its picture, and runs virsh", async () => {
    const info = await eventually(
      async () =>
        JSON.parse(await run("guestinfo", "web", "-o", "json")) as { hostname: string; os: { id: string } },
      90_000,
      1000,
    );
    assert.deepEqual([info.hostname, info.os.id], ["web", "debian"]);
    const file = join(nestctl.folder, "web.png");
    await run("screenshot", "web", "-f", file);
    assert.equal((await readFile(file)).subarray(1, 4).toString(), "PNG");
    assert.match(await run("virsh", "web", "--", "-q", "list", "--name"), /web/);
    const wrong = await attempt("virsh", "web", "--", "fly");
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.errors, /unknown command/);
  });

  it("serves its display to viewers on this machine", async () => {
    const args = [...flags, "vnc", "web", "--proxy-only"];
    const serving = execa(process.execPath, [nestctl.program, ...args], { reject: false, buffer: false });
    const line = await firstLine(serving.stdout);
    const port = /^vnc:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? "";
    const { stdout } = await execa("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port}; head -c 11 <&3`]);
    assert.match(stdout, /^RFB 003\.00\d$/);
    serving.kill("SIGTERM");
    await serving;
  });

  it("starts a viewer where there is one, and ends with it", async () => {
    const bin = join(nestctl.folder, "viewers");
    await mkdir(bin);
    // A viewer without a screen: it goes where it is told, and ends when the display has greeted it.
    const viewer = `exec 3<>"/dev/tcp/127.0.0.1/\${1##*:}"; head -c 11 <&3 >"$0.saw"`;
    await writeFile(join(bin, "remote-viewer"), `#!/bin/bash\n${viewer}\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    await execa(process.execPath, [nestctl.program, ...flags, "vnc", "web"], { env, timeout: 60_000 });
    assert.match(await readFile(join(bin, "remote-viewer.saw"), "utf8"), /^RFB 003\.00\d$/);
  });

  it("gathers what there is to know, without the key that lets people in", async () => {
    const file = join(nestctl.folder, "diag.tar.gz");
    await run("diag", "web", "-f", file);
    const { stdout: names } = await execa("tar", ["-tzf", file]);
    for (const name of [
      "domain.xml",
      "qemu.log",
      "guestinfo.json",
      "domstats.txt",
      "network.txt",
      "events.txt",
    ]) {
      assert.ok(names.includes(`web-diag/${name}\n`) || names.endsWith(`web-diag/${name}`), name);
    }
    const { stdout: all } = await execa("tar", ["-xzOf", file], { maxBuffer: 1 << 30 });
    assert.match(all, /<domain type='(qemu|kvm)'/);
    assert.doesNotMatch(all, /could not be had/);
    const [, material = "?"] = login.publicKey.split(" ");
    assert.ok(!all.includes(material));
  });

  it("pauses it and lets it go on; says why a verb cannot be done", async () => {
    assert.equal(await run("pause", "web"), "web: Paused\n");
    const refused = await attempt("guestinfo", "web");
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.errors,
      /^error: web: info: the guest is paused, so its agent cannot answer; unpause it first/,
    );
    assert.equal(await run("unpause", "web"), "web: Running\n");
  });

  it("presses a reset button, and has a console come back for the next run", async () => {
    const script = 'while sleep 1; do echo "boot $(cat /proc/sys/kernel/random/boot_id)" >/dev/console; done';
    const { spec } = kernelGuest("brisk", script);
    await kubectl.apply(machine("brisk", { spec }));
    await run("wait", "brisk", "--for", "Running");
    const console = terminal("console", "brisk", "--follow");
    await console.hears(/boot [0-9a-f-]{36}/, BOOT_MS);
    assert.equal(await run("reset", "brisk"), "brisk: reset\n");
    await console.hears(/boot ([0-9a-f-]{36})[^]*boot (?!\1)[0-9a-f-]{36}/, BOOT_MS);
    assert.doesNotMatch(console.heard, /waiting for the next run/);
    assert.match(await run("restart", "brisk", "--force", "--wait"), /restart requested/);
    await console.hears(/waiting for the next run[^]*boot [0-9a-f-]{36}/, BOOT_MS);
    console.type("\x1d");
    assert.equal(await console.ended(), 0);
    await kubectl.run(["delete", "vm", "brisk", "--timeout=60s"]);
  });

  it("ends a guest that does not obey when it is forced to, also while a stop is under way", async () => {
    await kubectl.apply(machine("deaf", { grace: 600 }, "RerunOnFailure"));
    for (const stops of [[["--force"]], [[], ["--force"]]]) {
      await run("wait", "deaf", "--for", "Running");
      for (const how of stops) assert.match(await run("stop", "deaf", ...how), /stop requested/);
      await run("wait", "deaf", "--for", "Stopped", "--timeout", "60s");
      await run("start", "deaf");
    }
    await run("stop", "deaf", "--force", "--wait", "--timeout", "60s");
  });
});
