import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cached, contentKey, contentOf } from "../lib/cache.ts";
import { run } from "../lib/exec.ts";
import { cacheDir, goBuildCache, goModCache, repoRoot } from "../lib/paths.ts";
import { modules, type BinaryName, type GoModule } from "./modules.ts";

export type { BinaryName } from "./modules.ts";

/** Told what is being built and how long each module took; one line a call. */
export type Report = (line: string) => void;

/** Where each program lies; absolute paths. */
export type Binaries = Readonly<Record<BinaryName, string>>;

/** Modules built at the same time: one compiles on both cores while another downloads or links. */
const concurrency = 2;

/**
 * Builds the programs of the lab that the cache does not hold yet.
 * @param names what is needed; by default everything that a cluster starts with
 * @throws CommandError with Go's own message
 */
export async function buildBinaries(
  report: Report = silent,
  names: readonly BinaryName[] = startingNames(),
): Promise<Binaries> {
  const needed = modules.filter((module) => module.binaries.some((name) => names.includes(name)));
  const waiting = [...needed];
  const paths: Partial<Record<BinaryName, string>> = {};
  const worker = async (): Promise<void> => {
    for (let module = waiting.shift(); module !== undefined; module = waiting.shift()) {
      const dir = await buildModule(module, report);
      for (const name of module.binaries) paths[name] = join(dir, name);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return paths as Binaries;
}

/** The path of one program, built first when the cache does not hold it. */
export async function binary(name: BinaryName, report: Report = silent): Promise<string> {
  return (await buildBinaries(report, [name]))[name];
}

/** The version of a module's main dependency, as its go.mod pins it: `v1.36.3`. */
export async function pinnedVersion(module: GoModule): Promise<string> {
  const file = join(moduleDir(module), "go.mod");
  const pin = new RegExp(`^\\s*(?:require )?${RegExp.escape(module.pin)} (v[^\\s]+)`, "m");
  const version = pin.exec(await readFile(file, "utf8"))?.[1];
  if (version === undefined) throw new Error(`${file}: does not require ${module.pin}; add it with go get`);
  return version;
}

async function buildModule(module: GoModule, report: Report): Promise<string> {
  const version = await pinnedVersion(module);
  const args = buildArguments(module, version);
  const key = contentKey(await goVersion(), ...args, ...(await contentOf(moduleDir(module))));
  return cached("bin", module.name, key, async (dir) => {
    const started = Date.now();
    report(`building ${module.name} ${version}`);
    await goBuild(module, args, dir);
    await Promise.all(
      module.binaries
        .filter((name) => !existsSync(join(dir, name)))
        .map((name) => symlink(module.name, join(dir, name))),
    );
    report(`built ${module.name} ${version} in ${Math.round((Date.now() - started) / 1000)} s`);
  });
}

async function goBuild(module: GoModule, args: readonly string[], dir: string): Promise<void> {
  await mkdir(goBuildCache, { recursive: true });
  // Two callers at once: the second waits, and then finds everything compiled.
  const lock = join(cacheDir, "go", `${module.name}.lock`);
  // --no-fork and pdeathsig: a build does not outlive a killed lab.sh.
  const command = ["flock", "--no-fork", lock, goCommand(), "build", "-o", `${dir}/`, ...args];
  await run("setpriv", ["--pdeathsig", "KILL", ...command], {
    cwd: moduleDir(module),
    env: goEnvironment(module),
  });
}

/** What decides the result of `go build`, apart from the sources and the toolchain. */
export function buildArguments(module: GoModule, version: string): string[] {
  const stamps = Object.entries(module.stamps(version)).map(([symbol, value]) => `-X ${symbol}=${value}`);
  const tags = module.tags === undefined ? [] : ["-tags", module.tags];
  const linking = module.static ? ["-extldflags=-static"] : [];
  return [...tags, "-ldflags", ["-s", "-w", ...linking, ...stamps].join(" "), ...module.packages];
}

function goEnvironment(module: GoModule): Record<string, string> {
  return {
    GOMODCACHE: goModCache,
    GOCACHE: goBuildCache,
    GOTOOLCHAIN: "local",
    GOFLAGS: "-mod=readonly -trimpath -buildvcs=false -modcacherw",
    GOWORK: "off",
    CGO_ENABLED: module.static ? "1" : "0",
  };
}

/** The Go that hack/bootstrap.sh fetched where the machine's own was too old or missing. */
function goCommand(): string {
  const fetched = join(cacheDir, "toolchain/bin/go");
  return existsSync(fetched) ? fetched : "go";
}

async function goVersion(): Promise<string> {
  return run(goCommand(), ["env", "GOVERSION"], { env: { GOTOOLCHAIN: "local" } });
}

function moduleDir(module: GoModule): string {
  return join(repoRoot, "hack/lab/modules", module.name);
}

function startingNames(): BinaryName[] {
  return modules.filter(({ later }) => later !== true).flatMap(({ binaries }) => binaries);
}

function silent(): void {
  // Callers that show no progress of their own.
}

if (import.meta.main) {
  const all = modules.filter(({ apart }) => apart !== true).flatMap(({ binaries }) => binaries);
  const binaries = await buildBinaries((line) => console.log(line), all);
  for (const [name, path] of Object.entries(binaries)) console.log(`${name.padEnd(24)} ${path}`);
  console.log(`${(await readdir(join(cacheDir, "bin"))).length} modules in ${join(cacheDir, "bin")}`);
}
