import { join, resolve } from "node:path";

/** The checkout. */
export const repoRoot = resolve(import.meta.dirname, "../..");

/** Downloads and build results, keyed by content; safe to delete at any time. */
export const cacheDir = process.env["NESTLET_CACHE"] ?? "/var/cache/nestlet";

/** Go's module and build caches, kept apart from the user's own. */
export const goModCache = join(cacheDir, "go/mod");
export const goBuildCache = join(cacheDir, "go/build");

/** What a running lab keeps on disk, and its sockets and process ids. */
export const labStateDir = process.env["NESTLET_LAB_STATE"] ?? "/var/lib/nestlet-lab";
export const labRunDir = process.env["NESTLET_LAB_RUN"] ?? "/run/nestlet-lab";
