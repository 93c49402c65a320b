import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "../start-error.ts";

/**
 * A file of a mounted container image, with symbolic links resolved.
 * @param subject what the image is, for messages: `registry disk example.org/disk:1`
 * @param path inside the image, absolute
 * @throws StartError when it is missing, no regular file, or a symbolic link leads out of the image
 */
export async function fileOfImage(subject: string, mountPath: string, path: string): Promise<string> {
  const root = await realpath(mountPath);
  let file;
  try {
    file = await realpath(join(root, path));
  } catch {
    throw new StartError(`${subject}: has no file ${path}; is the path right?`);
  }
  if (!file.startsWith(`${root}/`)) {
    throw new StartError(
      `${subject}: ${path} is a symbolic link that leaves the image; put the file itself there`,
    );
  }
  if (!(await stat(file)).isFile()) {
    throw new StartError(`${subject}: ${path} is not a regular file; name the file itself`);
  }
  return file;
}
