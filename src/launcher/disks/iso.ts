import { command } from "../command.ts";

const GENISOIMAGE = "/usr/bin/genisoimage";

/** Files of a disk: where each is on it (`openstack/latest/user_data`), and the file that it is copied from. */
export type IsoFiles = ReadonlyMap<string, string>;

/**
 * Writes a CD image (ISO 9660 with Rock Ridge and Joliet, for the names that Unix and Windows know) that guests find by
 * its label. Symbolic links are followed: a mounted Secret consists of them.
 * @param label at most 32 characters
 * @throws CommandError
 */
export async function createIso(file: string, label: string, files: IsoFiles): Promise<void> {
  await command(GENISOIMAGE, isoArguments(file, label, files));
}

export function isoArguments(file: string, label: string, files: IsoFiles): string[] {
  const names = ["-rational-rock", "-joliet", "-joliet-long"];
  const grafts = [...files].map(([path, source]) => `${escape(path)}=${escape(source)}`);
  return ["-quiet", "-volid", label, ...names, "-follow-links", "-output", file, "-graft-points", ...grafts];
}

/** In graft points `=` separates and `\` escapes. */
function escape(path: string): string {
  return path.replace(/[\\=]/g, "\\$&");
}
