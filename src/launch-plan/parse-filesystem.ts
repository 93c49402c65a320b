import type { FilesystemPlan, FilesystemSource } from "./launch-plan.ts";
import type { Field } from "./field.ts";
import { parseCloudInit, parsePath } from "./parse-disk.ts";
import { LABEL } from "./patterns.ts";

/** qemu takes no longer tag. */
const TAG = /^[A-Za-z0-9._-]{1,31}$/;

/** One entry of a plan's list of filesystems. */
export function parseFilesystem(filesystem: Field): FilesystemPlan {
  return {
    name: filesystem.at("name").text(LABEL, "an RFC 1123 label"),
    tag: filesystem.at("tag").text(TAG, "1 to 31 letters, digits or ._-"),
    source: parseSource(filesystem.at("source")),
  };
}

/** How each kind of source is read. */
const SOURCES: { [Kind in FilesystemSource["kind"]]: (source: Field) => FilesystemSource & { kind: Kind } } =
  {
    Folder: (source) => ({ kind: "Folder", path: parsePath(source.at("path")) }),
    CloudInit: parseCloudInit,
    IgnitionDrive: () => ({ kind: "IgnitionDrive" }),
  };

function parseSource(source: Field): FilesystemSource {
  const kind = source.at("kind").oneOf(Object.keys(SOURCES) as FilesystemSource["kind"][]);
  return SOURCES[kind](source);
}
