import { join, resolve } from "node:path";

/** The checkout. */
export const repoRoot = resolve(import.meta.dirname, "../..");

/** Downloads and build results, keyed by content; safe to delete at any time. */
export const cacheDir = process.env["NESTLET_CACHE"] ?? "/var/cache/nestlet";

/** Go's module and build caches, kept apart from the user's own. */
export const goModCache = join(cacheDir, "go/mod");
export const goBuildCache = join(cacheDir, "go/build");

/** Tells several labs on one machine apart; also the name of its network namespace and cgroup. */
export const labName = process.env["NESTLET_LAB_NAME"] ?? "nestlet-lab";

/** What a running lab keeps on disk, and its sockets and process ids. */
export const labStateDir = process.env["NESTLET_LAB_STATE"] ?? `/var/lib/${labName}`;
export const labRunDir = process.env["NESTLET_LAB_RUN"] ?? `/run/${labName}`;
