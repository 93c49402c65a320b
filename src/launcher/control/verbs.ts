import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";
import type { SerialConsole } from "../console/serial-console.ts";
import { VNC_SOCKET } from "../domain/graphics.ts";
import { domainName } from "../domain/identity.ts";
import type { DomainControl } from "../hypervisor/domain-control.ts";
import { isAgentMissing } from "../hypervisor/libvirt-error.ts";
import { qemuLogPath } from "../hypervisor/qemu-log.ts";
import { AGENT_COMMANDS, guestInfoOf, type AgentAnswers, type GuestInfo } from "./guest-info.ts";
import { runInGuest } from "./guest-exec.ts";
import { EXEC_SECONDS, VerbError, type ProgramEnd, type Request, type Verb } from "./protocol.ts";
import { takeScreenshot } from "./screenshot.ts";

/** What a verb comes to. */
export type Outcome =
  { value?: unknown } | { body: Buffer } | { ran: ProgramEnd } | { stream: (caller: Socket) => void };

/** The signal says that the caller has gone. */
export type VerbTable = Record<Verb, (request: Request, gone: AbortSignal) => Promise<Outcome>>;

/** Of a log only the end is told. */
const LOG_BYTES = 1024 * 1024;

export interface VerbParts {
  plan: LaunchPlan;
  domain: DomainControl;
  console: SerialConsole;
  /** Somebody wants the guest paused, for whatever reason it may be already. */
  holdPause: () => void;
}

/** The verbs of a guest that runs. */
export function verbsOf({ plan, domain, console, holdPause }: VerbParts): VerbTable {
  const state = async (): Promise<Outcome> => ({ value: await domain.state() });
  return {
    console: async () => ({ stream: await console.open() }),
    vnc: async () => {
      wantGraphics(plan);
      return { stream: joinTo(await connected(VNC_SOCKET)) };
    },
    pause: async () => {
      wantNoLivenessProbe(plan);
      await domain.pause();
      holdPause();
      return state();
    },
    unpause: async () => {
      await domain.unpause();
      return state();
    },
    reset: async () => {
      await domain.reset();
      return state();
    },
    state,
    info: async () => ({ value: await guestInfo(domain) }),
    ping: async () => {
      await wantUnpaused(domain);
      await domain.agent("guest-ping");
      return {};
    },
    exec: async ({ program = [], timeoutSeconds = EXEC_SECONDS }, gone) => {
      await wantUnpaused(domain);
      return { ran: await runInGuest(domain, program, timeoutSeconds * 1000, gone) };
    },
    screenshot: async () => {
      wantGraphics(plan);
      return { body: await takeScreenshot(domain) };
    },
    dumpxml: async () => ({ body: Buffer.from(await domain.xml()) }),
    "libvirt-log": async () => {
      const log = await readFile(qemuLogPath(domainName(plan)));
      return { body: log.subarray(-LOG_BYTES) };
    },
    qmp: async ({ command = "" }) => ({ body: Buffer.from(`${await domain.qmp(command)}\n`) }),
  };
}

function wantGraphics({ graphics }: LaunchPlan): void {
  if (graphics === true) return;
  throw new VerbError(
    "NotPossible",
    "the guest has no display: spec.domain.devices.autoattachGraphicsDevice is false; " +
      "leave it out, and the next run has one",
  );
}

/** The kubelet would end a guest that does not answer. */
function wantNoLivenessProbe({ livenessProbe }: LaunchPlan): void {
  if (livenessProbe !== true) return;
  throw new VerbError(
    "NotPossible",
    "the guest has a livenessProbe, which would end it while it is paused; remove the probe from the template and " +
      "restart the machine",
  );
}

async function wantUnpaused(domain: DomainControl): Promise<void> {
  const { state } = await domain.state();
  if (state !== "Paused") return;
  throw new VerbError("NotPossible", "the guest is paused, so its agent cannot answer; unpause it first");
}

async function guestInfo(domain: DomainControl): Promise<GuestInfo> {
  await wantUnpaused(domain);
  const answers: AgentAnswers = {};
  for (const command of AGENT_COMMANDS) {
    try {
      answers[command] = await domain.agent(command);
    } catch (error) {
      // An older agent may lack a command, or have it switched off; the first one every agent has.
      if (command === AGENT_COMMANDS[0] || isAgentMissing(error)) throw error;
    }
  }
  return guestInfoOf(answers);
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) => {
      reject(new VerbError("Unavailable", `the guest's display does not answer: ${error.message}`));
    });
  });
  return socket.on("error", () => undefined); // "close" follows
}

/** Passes bytes both ways; when one side goes, so does the other. */
function joinTo(guest: Socket): (caller: Socket) => void {
  return (caller) => {
    guest.pipe(caller);
    caller.pipe(guest);
    guest.once("close", () => caller.destroySoon());
    caller.once("close", () => guest.destroy());
    if (caller.destroyed) guest.destroy();
  };
}
