import { write } from "node:fs";

/** Writes to standard output without holding up the launcher when nobody reads there. */
export async function toStdout(text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) rest = rest.subarray(await writeSome(rest));
}

function writeSome(bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(1, bytes, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}
