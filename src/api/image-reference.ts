/** What people give in the place of the reference of a container image, and what to do instead. */
export interface ReferenceFault {
  what: string;
  remedy: string;
}

const REMEDY = "give the reference of an image in a registry, such as registry.example/debian:12";

/**
 * What can be seen to be wrong with the reference of an image; whether there is one, only its registry knows. Virtlet
 * took URLs, and KubeVirt's DataVolumes take `docker://`.
 */
export function referenceFault(reference: string): ReferenceFault | undefined {
  if (reference.includes("://")) {
    return { what: "a URL", remedy: `${REMEDY}, with the disk in its folder /disk` };
  }
  if (/\s/.test(reference)) return { what: "no reference: it has a space in it", remedy: REMEDY };
  return undefined;
}
