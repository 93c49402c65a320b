import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import type { SeenReport } from "./consoles.ts";
import type { GuestNode } from "./guest.ts";
import type { MemberId } from "./names.ts";

/** A place in the cluster with what fills it. */
export interface MemberView extends MemberId {
  machine?: VirtualMachine;
  instance?: VirtualMachineInstance;
  node?: GuestNode;
  /** What its console says while it has no Node. */
  bootstrap?: SeenReport;
  /** Whether the spec asks for it. */
  wanted: boolean;
  /** Its root outlives its runs: it comes back as the machine it was. */
  keepsRoot: boolean;
  /** Why what was on the root that it kept is lost, in words. */
  rootLoss?: string;
  /** Host number on the LAN; absent while all are taken. */
  number?: number;
}

/** One that has its place on the LAN. */
export type PlacedMember = MemberView & { number: number };
