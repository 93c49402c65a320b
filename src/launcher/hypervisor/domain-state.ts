/** virDomainState, in its order. */
export const STATES = [
  "NoState",
  "Running",
  "Blocked",
  "Paused",
  "Shutdown",
  "Shutoff",
  "Crashed",
  "PmSuspended",
] as const;
export type DomainState = (typeof STATES)[number];

/** Why a domain is paused: virDomainPausedReason, in its order. */
export const PAUSED = [
  "Unknown",
  "User",
  "Migration",
  "Save",
  "Dump",
  "IOError",
  "Watchdog",
  "FromSnapshot",
  "ShuttingDown",
  "Snapshot",
  "Crashed",
  "StartingUp",
  "Postcopy",
  "PostcopyFailed",
] as const;
type PausedReason = (typeof PAUSED)[number];

export type DomainCondition =
  { state: Exclude<DomainState, "Paused"> } | { state: "Paused"; reason: PausedReason };
