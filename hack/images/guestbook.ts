import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeNodeBase } from "./controller.ts";
import { makeTree } from "./debian.ts";
import { makeImage, makeLayer, put, recipeParts, recipesDir, type BuiltImage, type Log } from "./layers.ts";
import { bundle, makeNodeLayer } from "./node.ts";
import { copyKept } from "./slim.ts";

/** Images of examples/guestbook.yaml, for the inside of nested clusters. */

const USER = "65532:65532";

/** Redis, leader or follower as its arguments say; it keeps nothing when it ends. */
export async function buildGuestbookRedis(log: Log): Promise<BuiltImage> {
  const list = "deploy/images/guestbook/redis.txt";
  const layer = await makeLayer(
    {
      name: "guestbook-redis",
      title: "Redis from Debian",
      keyParts: await recipeParts(list, "hack/images/guestbook.ts", "hack/images/slim.ts"),
      owner: 0,
      fill: async (root, scratch) => {
        const debian = join(scratch, "debian");
        await makeTree(debian, { packages: ["redis-server"], variant: "extract" });
        await copyKept(debian, root, join(recipesDir, "guestbook/redis.txt"));
        await mkdir(join(root, "data"));
        await chmod(join(root, "data"), 0o1777);
      },
    },
    log,
  );
  return makeImage("nestlet.dev/guestbook-redis", "1", [layer], {
    Entrypoint: ["/usr/bin/redis-server", "--protected-mode", "no", "--save", ""],
    User: USER,
    WorkingDir: "/data",
  });
}

/** The web front end, in layers that it shares with the controller. */
export async function buildGuestbookFrontend(log: Log): Promise<BuiltImage> {
  const [base, node] = await Promise.all([makeNodeBase(log), makeNodeLayer(log)]);
  const path = "usr/lib/guestbook/frontend.mjs";
  const program = await bundle("hack/images/guestbook/main.ts");
  const code = await makeLayer(
    {
      name: "guestbook-frontend",
      title: "the guestbook's front end",
      keyParts: [program],
      owner: 0,
      fill: async (root) => put(root, path, program),
    },
    log,
  );
  return makeImage("nestlet.dev/guestbook-frontend", "1", [base, node, code], {
    Entrypoint: ["/usr/bin/node", `/${path}`],
    User: USER,
    WorkingDir: "/",
  });
}
