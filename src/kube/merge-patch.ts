import { isDeepStrictEqual } from "node:util";

type Json = Record<string, unknown>;

/**
 * The JSON merge patch (RFC 7386) that turns one object into another, or undefined where they are equal. Fields that
 * are gone become null; lists are replaced whole.
 */
export function mergePatchBetween(before: object, after: object): Json | undefined {
  const patch: Json = {};
  const [old, wanted] = [before as Json, after as Json];
  for (const key of Object.keys(old))
    if (wanted[key] === undefined && old[key] !== undefined) patch[key] = null;
  for (const [key, value] of Object.entries(wanted)) {
    const present = old[key];
    if (value === undefined || isDeepStrictEqual(present, value)) continue;
    patch[key] = isObject(present) && isObject(value) ? (mergePatchBetween(present, value) ?? {}) : value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
