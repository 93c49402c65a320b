import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { FilesystemPlan, LaunchPlan } from "../../launch-plan/launch-plan.ts";
import type { PreparedFilesystem } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import type { GuestFacts } from "./cloud-init.ts";
import { cloudInitFiles, ignitionFiles, INIT_FILES_DIR, writeFiles } from "./init-files.ts";

type InitFacts = GuestFacts & Pick<LaunchPlan, "ignition">;

/**
 * Makes the folder of every filesystem of the plan, side by side.
 * @param root where those are made that are not mounted already; only root may look into it
 * @throws StartError when what one is made of is missing or too large
 */
export async function prepareFilesystems(
  plan: InitFacts & Pick<LaunchPlan, "filesystems">,
  root = join(INIT_FILES_DIR, "filesystems"),
): Promise<PreparedFilesystem[]> {
  return Promise.all(
    plan.filesystems.map(async (filesystem) => ({
      tag: filesystem.tag,
      folder: await prepareFolder(filesystem, plan, root),
    })),
  );
}

async function prepareFolder(
  { name, source }: FilesystemPlan,
  plan: InitFacts,
  root: string,
): Promise<string> {
  const user = `filesystem ${name}`;
  const made = join(root, name);
  switch (source.kind) {
    case "Folder":
      return mountedFolder(user, source.path);
    case "CloudInit":
      await writeFiles(made, (await cloudInitFiles(user, source, plan)).files);
      return made;
    case "IgnitionDrive":
      await writeFiles(made, (await ignitionFiles(user, plan.ignition, plan)).files);
      return made;
  }
}

/** qemu would only say that it has no such file. */
async function mountedFolder(user: string, path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new StartError(`${user}: ${path} is no folder; does the pod mount its volume there?`);
  return path;
}
