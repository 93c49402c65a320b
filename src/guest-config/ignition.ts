/**
 * The part of Ignition's spec 3.3.0 that Nestlet's own configs use.
 * @see https://coreos.github.io/ignition/configuration-v3_3/
 */
export interface IgnitionConfig {
  ignition: { version: "3.3.0"; config?: { merge: { source: string }[] } };
  passwd?: { users: { name: string; sshAuthorizedKeys: string[] }[] };
  storage: { files: IgnitionFile[] };
  systemd: { units: IgnitionUnit[] };
}

export interface IgnitionFile {
  path: string;
  mode: number;
  overwrite: true;
  contents: { source: string };
}

export interface IgnitionUnit {
  name: string;
  /** Absent: as the image has it; a unit that the config brings is then started by another one alone. */
  enabled?: true;
  /** Never started, whoever asks for it. */
  mask?: true;
  contents?: string;
  dropins?: { name: string; contents: string }[];
}

/** A file of root's; only root reads it unless told otherwise. */
export function file(path: string, text: string, mode = 0o600): IgnitionFile {
  return { path, mode, overwrite: true, contents: { source: dataUrl(text) } };
}

/** A file that holds a document; JSON is YAML as well. */
export function jsonFile(path: string, document: object): IgnitionFile {
  return file(path, JSON.stringify(document));
}

/** RFC 2397, base64: escapes would make scripts and certificates longer still. */
export function dataUrl(text: string): string {
  return `data:;base64,${Buffer.from(text).toString("base64")}`;
}
