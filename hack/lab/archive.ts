import { run } from "../lib/exec.ts";

/** An image in an archive, by the name it gets when it is imported. */
export interface ArchivedImage {
  readonly ref: string;
  readonly digest: string;
}

interface Index {
  readonly manifests?: readonly {
    readonly digest: string;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

/**
 * The images that an OCI archive names in its index (image-spec image-layout.md).
 * @throws Error naming the archive and what it lacks
 */
export async function archivedImages(archive: string): Promise<ArchivedImage[]> {
  const text = await run("tar", ["-xOf", archive, "index.json"]).catch((error: unknown) => {
    throw new Error(`${archive}: is not an OCI archive, as it has no index.json; save it in OCI format`, {
      cause: error,
    });
  });
  return parseIndex(archive, text);
}

/** @throws Error naming the archive when no manifest in it has a name */
export function parseIndex(archive: string, text: string): ArchivedImage[] {
  const index = JSON.parse(text) as Index;
  const images = (index.manifests ?? []).flatMap(({ digest, annotations = {} }) => {
    const ref =
      annotations["io.containerd.image.name"] ?? wholeName(annotations["org.opencontainers.image.ref.name"]);
    return ref === undefined ? [] : [{ ref, digest }];
  });
  if (images.length > 0) return images;
  throw new Error(
    `${archive}: no image in it has a whole name; ` +
      "set the annotation io.containerd.image.name, as in nestlet.dev/launcher:1",
  );
}

/** The annotation may hold a mere tag. */
function wholeName(name: string | undefined): string | undefined {
  return name?.includes("/") ? name : undefined;
}
