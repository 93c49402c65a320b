import { stat } from "node:fs/promises";
import { builders } from "./images.ts";
import { megabytes } from "./layers.ts";

for (const [name, build] of Object.entries(builders)) {
  if (process.argv.length > 2 && !process.argv.includes(name)) continue;
  const image = await build((line) => console.error(line));
  console.log(`${name}\t${image.ref}\t${megabytes((await stat(image.archive)).size)}\t${image.archive}`);
}
