import { open } from "node:fs/promises";
import { constants } from "node:fs";

/** Whether the file system lets a file be read past the page cache, as cache mode `none` wants it. */
export async function opensDirect(file: string, mode: number): Promise<boolean> {
  try {
    await (await open(file, mode | constants.O_DIRECT)).close();
    return true;
  } catch {
    return false;
  }
}
