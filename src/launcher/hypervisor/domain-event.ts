import type { DomainCondition } from "./domain-state.ts";
import { XdrReader } from "./xdr.ts";

/** What libvirt tells of the domain's life, in its order (virDomainEventType). */
const TYPES = [
  "Defined",
  "Undefined",
  "Started",
  "Suspended",
  "Resumed",
  "Stopped",
  "Shutdown",
  "PmSuspended",
  "Crashed",
] as const;

/** Why a domain stopped (virDomainEventStoppedDetailType). */
const STOPPED = ["Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "FromSnapshot"] as const;

/** Why a domain was suspended (virDomainEventSuspendedDetailType). */
const SUSPENDED = [
  "Paused",
  "Migrated",
  "IOError",
  "Watchdog",
  "Restored",
  "FromSnapshot",
  "ApiError",
  "Postcopy",
  "PostcopyFailed",
] as const;

/** Who began a shutdown (virDomainEventShutdownDetailType): the guest, or a signal to qemu. */
const SHUTDOWN = ["Finished", "Guest", "Host"] as const;

export type StoppedDetail = (typeof STOPPED)[number];
export type SuspendedDetail = (typeof SUSPENDED)[number];

export type DomainEvent =
  | { type: "Stopped"; detail: StoppedDetail }
  | { type: "Suspended"; detail: SuspendedDetail }
  | { type: "Shutdown"; detail: (typeof SHUTDOWN)[number] }
  | { type: Exclude<(typeof TYPES)[number], "Stopped" | "Suspended" | "Shutdown"> };

/** Reads a `remote_domain_event_callback_lifecycle_msg`; undefined for kinds that are newer than this list. */
export function decodeLifecycleEvent(payload: Buffer): DomainEvent | undefined {
  const reader = new XdrReader(payload);
  reader.int(); // callback id
  readDomain(reader);
  const type = TYPES[reader.int()];
  const detail = reader.int();
  if (type === "Stopped") return { type, detail: STOPPED[detail] ?? "Failed" };
  if (type === "Suspended") return { type, detail: SUSPENDED[detail] ?? "Paused" };
  if (type === "Shutdown") return { type, detail: SHUTDOWN[detail] ?? "Finished" };
  return type && { type };
}

/** What a live domain's state comes to, for who may have missed the event itself. */
export function eventOfCondition(condition: DomainCondition): DomainEvent {
  if (condition.state !== "Paused") return { type: "Resumed" };
  const { reason } = condition;
  return { type: "Suspended", detail: reason === "IOError" || reason === "Watchdog" ? reason : "Paused" };
}

/** A `remote_nonnull_domain` as libvirt sends it: also what its calls want back. */
export function readDomain(reader: XdrReader): { name: string; uuid: Buffer; id: number } {
  return { name: reader.string(), uuid: reader.opaque(16), id: reader.int() };
}
