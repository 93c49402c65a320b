/** By the operating system's word for what it could not do with a file; its message names the file. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: "choose another file, or ask for the right to this one",
  EISDIR: "name a file in it",
  ENOENT: "see whether the path is right and its folder is there",
  ENOSPC: "make room, or choose a file on another disk",
  ENOTDIR: "see whether the path is right and its folder is there",
  EPERM: "choose another file, or ask for the right to this one",
  EROFS: "choose a file on a disk that can be written to",
};

/** What to do about an error of the operating system; undefined for others. */
export function remedyOfSystem(error: unknown): string | undefined {
  const { code = "" } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return REMEDIES[code];
}
