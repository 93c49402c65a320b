import { chmod, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeTree } from "./debian.ts";
import type { BuiltImage, Log } from "./layers.ts";
import { makeImage, makeLayer, put, recipeParts, recipesDir } from "./layers.ts";
import { bundle, makeNodeLayer } from "./node.ts";
import type { Layer } from "./oci.ts";
import { copyKept } from "./slim.ts";

const PACKAGES = ["libc6", "libstdc++6", "libgcc-s1"];

const BUNDLE = "usr/lib/nestlet/controller.mjs";
const recipe = join(recipesDir, "controller");

/** What the controller's Node is started with. */
export const CONTROLLER_NODE = {
  /** Objects that are looked at and dropped are most of its heap's traffic: small spaces for them, collected more often. */
  flags: ["--max-semi-space-size=4"],
  /** glibc keeps memory for each thread apart, and each of Node's has little to do: 14 MiB of 122. */
  environment: { MALLOC_ARENA_MAX: "1" },
};

/** The controller: Node, its libraries, one file of code; no shell, no user but its own. */
export async function buildController(log: Log): Promise<BuiltImage> {
  const [base, node] = await Promise.all([makeNodeBase(log), makeNodeLayer(log)]);
  const code = await makeCode(log);
  return makeImage("nestlet.dev/controller", undefined, [base, node, code], {
    Entrypoint: ["/usr/bin/node", ...CONTROLLER_NODE.flags, `/${BUNDLE}`],
    Env: Object.entries(CONTROLLER_NODE.environment).map(([name, value]) => `${name}=${value}`),
    User: "65532:65532",
    WorkingDir: "/",
  });
}

/** What Node needs of a system. */
export async function makeNodeBase(log: Log): Promise<Layer> {
  const inputs = ["base", "keep.txt"].map((name) => `deploy/images/controller/${name}`);
  const code = ["controller.ts", "slim.ts", "debian.ts"].map((name) => `hack/images/${name}`);
  return makeLayer(
    {
      name: "controller-base",
      title: "C and C++ libraries from Debian",
      keyParts: await recipeParts(...inputs, ...code),
      owner: 0,
      fill: async (root, scratch) => {
        const debian = join(scratch, "debian");
        await makeTree(debian, { packages: PACKAGES, variant: "extract" });
        await copyKept(debian, root, join(recipe, "keep.txt"));
        await cp(join(recipe, "base"), root, { recursive: true });
        await mkdir(join(root, "tmp"));
        await chmod(join(root, "tmp"), 0o1777);
      },
    },
    log,
  );
}

async function makeCode(log: Log): Promise<Layer> {
  const program = await bundle("src/controller/main.ts");
  return makeLayer(
    {
      name: "controller-code",
      title: "Nestlet's controller",
      keyParts: [program],
      owner: 0,
      fill: async (root) => put(root, BUNDLE, program),
    },
    log,
  );
}
