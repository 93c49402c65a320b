/**
 * What Ignition would refuse about a config of spec 3.0 to 3.3, or pass over without a word: keys that it does not know,
 * values of the wrong type, names and paths that are missing or not absolute, and entries that are there twice.
 * @see https://coreos.github.io/ignition/configuration-v3_3/
 */

/** What is wrong, and where: keys and, in lists, indexes from 0. */
export interface SnippetFault {
  path: (string | number)[];
  what: string;
}

type Check = (value: unknown) => SnippetFault | undefined;

/** The first fault of a config; undefined when there is none that can be seen from here. */
export function snippetFault(config: unknown): SnippetFault | undefined {
  return ofConfig(config);
}

/** Line of a place in a JSON text, from 1; of what it is in, where the place itself is missing. */
export function lineOfPath(text: string, path: readonly (string | number)[]): number {
  let [best, offset] = [0, 0];
  for (const place of places(text)) {
    const matches = place.path.length <= path.length && place.path.every((key, at) => key === path[at]);
    if (matches && place.path.length > best) [best, offset] = [place.path.length, place.offset];
  }
  return text.slice(0, offset).split("\n").length;
}

const opening = new Set(["{", "["]);
const closing = new Set(["}", "]"]);

/** Where keys and list entries of a valid JSON text begin. */
function* places(text: string): Generator<{ path: (string | number)[]; offset: number }> {
  const path: (string | number)[] = [];
  let fresh = true;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)) {
    const last = path.at(-1);
    if (fresh && !closing.has(token) && last !== undefined) {
      if (typeof last === "string") path[path.length - 1] = JSON.parse(token) as string;
      yield { path: [...path], offset: index };
    }
    // An empty list or object ends before its first place was told.
    if (closing.has(token)) path.pop();
    if (token === "," && typeof last === "number") path[path.length - 1] = last + 1;
    if (opening.has(token)) path.push(token === "{" ? "" : 0);
    fresh = token === "," || opening.has(token);
  }
}

function fault(what: string): SnippetFault {
  return { path: [], what };
}

function under(key: string | number, found: SnippetFault | undefined): SnippetFault | undefined {
  return found === undefined ? undefined : { ...found, path: [key, ...found.path] };
}

/** Ignition takes null for what is left out. */
function optional(check: Check): Check {
  return (value) => (value === undefined || value === null ? undefined : check(value));
}

function ofType(type: "string" | "boolean"): Check {
  return optional((value) =>
    typeof value === type ? undefined : fault(`is ${kindOf(value)}, want a ${type}`),
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const anything: Check = () => undefined;
const text = ofType("string");
const flag = ofType("boolean");

/** A mode is decimal in JSON, which has no octal numbers: 420 is 0644. */
const mode: Check = optional((value) => {
  if (typeof value !== "number")
    return fault(`is ${kindOf(value)}, want a number: 420 is what chmod calls 0644`);
  return Number.isInteger(value) && value >= 0 && value <= 0o7777
    ? undefined
    : fault(`is ${String(value)}, want a number from 0 to 4095: 420 is what chmod calls 0644`);
});

const absolute: Check = (value) => {
  if (typeof value !== "string") return fault(`is ${kindOf(value)}, want a path`);
  return value.startsWith("/") ? undefined : fault(`"${value}" is not absolute; begin it with /`);
};

const named: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : fault(`is ${kindOf(value)}, want a name`);

const unitName: Check = (value) => {
  const wrong = named(value);
  if (wrong !== undefined) return wrong;
  const suffix = /\.(service|socket|device|mount|automount|swap|target|path|timer|snapshot|slice|scope)$/;
  return suffix.test(value as string)
    ? undefined
    : fault(
        `"${value as string}" is not a unit of systemd; end it with .service, .mount, .timer or another type`,
      );
};

const dropinName: Check = (value) =>
  typeof value === "string" && value.endsWith(".conf") ? undefined : fault("does not end with .conf");

function object(checks: Record<string, Check>): Check {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return fault(`is ${kindOf(value)}, want an object`);
    }
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(checks, key));
    if (unknown !== undefined) {
      return {
        path: [unknown],
        what: `is no key of Ignition's; known are ${Object.keys(checks).join(", ")}`,
      };
    }
    for (const [key, check] of Object.entries(checks)) {
      const found = under(key, check((value as Record<string, unknown>)[key]));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** @param key by which entries of a list are told apart; absent: they may be alike */
function list(check: Check, key?: string): Check {
  return optional((value) => {
    if (!Array.isArray(value)) return fault(`is ${kindOf(value)}, want a list`);
    const seen = new Set<unknown>();
    for (const [index, entry] of (value as unknown[]).entries()) {
      const found = under(index, check(entry));
      if (found !== undefined) return found;
      if (key === undefined) continue;
      const name = (entry as Record<string, unknown>)[key];
      if (seen.has(name)) return { path: [index, key], what: `"${String(name)}" is there twice` };
      seen.add(name);
    }
    return undefined;
  });
}

const some = (checks: Record<string, Check>): Check => optional(object(checks));

const resource = {
  source: text,
  compression: text,
  httpHeaders: list(object({ name: named, value: text })),
  verification: some({ hash: text }),
};
const owner = some({ id: anything, name: text });
const node = { path: absolute, overwrite: flag, user: owner, group: owner };

const passwd = some({
  users: list(
    object({
      name: named,
      passwordHash: text,
      sshAuthorizedKeys: list(text),
      uid: anything,
      gecos: text,
      homeDir: text,
      noCreateHome: flag,
      primaryGroup: text,
      groups: list(text),
      noUserGroup: flag,
      noLogInit: flag,
      shell: text,
      shouldExist: flag,
      system: flag,
    }),
    "name",
  ),
  groups: list(
    object({ name: named, gid: anything, passwordHash: text, shouldExist: flag, system: flag }),
    "name",
  ),
});

const filesystem = object({
  device: absolute,
  format: text,
  path: optional(absolute),
  label: text,
  uuid: text,
  options: list(text),
  mountOptions: list(text),
  wipeFilesystem: flag,
});

const storage = some({
  disks: list(object({ device: absolute, wipeTable: flag, partitions: list(anything) }), "device"),
  raid: list(
    object({ name: named, level: text, devices: list(text), spares: anything, options: list(text) }),
    "name",
  ),
  filesystems: list(filesystem, "device"),
  files: list(object({ ...node, mode, contents: some(resource), append: list(object(resource)) }), "path"),
  directories: list(object({ ...node, mode }), "path"),
  links: list(object({ ...node, target: text, hard: flag }), "path"),
  luks: list(
    object({
      name: named,
      device: absolute,
      label: text,
      uuid: text,
      options: list(text),
      keyFile: some(resource),
      wipeVolume: flag,
      clevis: anything,
    }),
    "name",
  ),
});

const systemd = some({
  units: list(
    object({
      name: unitName,
      enabled: flag,
      mask: flag,
      contents: text,
      dropins: list(object({ name: dropinName, contents: text }), "name"),
    }),
    "name",
  ),
});

const ofConfig = object({
  ignition: object({
    version: text,
    config: some({ merge: list(object(resource)), replace: some(resource) }),
    timeouts: some({ httpResponseHeaders: anything, httpTotal: anything }),
    security: some({ tls: some({ certificateAuthorities: list(object(resource)) }) }),
    proxy: some({ httpProxy: text, httpsProxy: text, noProxy: list(text) }),
  }),
  kernelArguments: some({ shouldExist: list(text), shouldNotExist: list(text) }),
  passwd,
  storage,
  systemd,
});
