import { execa } from "execa";
import { cp, glob, lstat, mkdir, open, readdir, readFile, readlink } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { run } from "../lib/exec.ts";

/**
 * Makes a small tree from a large one: the files that a keep list names, and every shared library that they
 * load. Whatever nobody named (package tools, documentation, other machines' firmware) stays out.
 */

/** Patterns of a keep list: one glob a line, relative to the root; `#` begins a comment. */
export function parseKeepList(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}

/**
 * Copies what the keep list names from `source` to `target`, with the libraries of every program in it.
 * @throws Error naming the pattern that matches nothing
 */
export async function copyKept(source: string, target: string, keepList: string): Promise<void> {
  const kept = new Kept(source);
  for (const pattern of parseKeepList(await readFile(keepList, "utf8"))) {
    const matches = await Array.fromAsync(glob(pattern, { cwd: source }));
    if (matches.length === 0) {
      throw new Error(`${keepList}: no file matches ${pattern}; name what the package calls it now`);
    }
    for (const match of matches) await kept.add(match);
  }
  for (const path of [...kept.paths].sort()) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await cp(join(source, path), join(target, path), { verbatimSymlinks: true });
  }
  await mkdir(join(target, "etc"), { recursive: true });
  await run("ldconfig", ["-X", "-r", target]);
}

/** The files and links to copy, relative to the root of a tree. */
class Kept {
  readonly paths = new Set<string>();
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Adds a file, a link with what it points to, or a folder with all in it; for a program its libraries. */
  async add(path: string): Promise<void> {
    const place = await this.#realFolder(path);
    if (this.paths.has(place)) return;
    const full = join(this.root, place);
    const stat = await lstat(full);
    if (stat.isDirectory()) {
      for (const name of await readdir(full)) await this.add(join(place, name));
      return;
    }
    this.paths.add(place);
    if (stat.isSymbolicLink()) {
      await this.add(relative("/", resolve("/", dirname(place), await readlink(full))));
    } else if (await isElf(full)) {
      for (const library of await this.#libraries(place)) await this.add(library);
    }
  }

  /** The path with the links among its folders resolved inside the root (`lib` is `usr/lib`). */
  async #realFolder(path: string): Promise<string> {
    const [first = "", ...rest] = path.split("/");
    if (rest.length === 0) return path;
    const stat = await lstat(join(this.root, first));
    if (!stat.isSymbolicLink()) return path;
    this.paths.add(first);
    return join(await readlink(join(this.root, first)), ...rest);
  }

  /** What the tree's own loader would map for a program or library; nothing for a static program. */
  async #libraries(path: string): Promise<string[]> {
    const loader = "/lib64/ld-linux-x86-64.so.2";
    const { exitCode } = await execa("chroot", [this.root, loader, "--verify", `/${path}`], {
      reject: false,
    });
    if (exitCode === STATIC) return [];
    const listed = await run("chroot", [this.root, loader, "--list", `/${path}`]);
    const found = [...listed.matchAll(/(?:=> |^\s*)\/(\S+) \(0x/gm)].map(([, library = ""]) => library);
    return [...found, loader.slice(1)];
  }
}

/** What the loader's --verify ends with where there is nothing to load. */
const STATIC = 1;

async function isElf(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString("latin1") === "\x7fELF";
  } finally {
    await file.close();
  }
}
