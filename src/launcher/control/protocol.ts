/**
 * How the launcher's verbs are called over its unix socket, by `nestlet-ctl` inside the pod. One connection is one call:
 *
 * 1. The caller sends one line, a Request as JSON.
 * 2. The launcher answers with one line, an Answer as JSON.
 * 3. After an error nothing follows. After a result come `result.bytes` bytes, if it has that field. After
 *    `{"stream": true}` the connection carries the bytes of console or VNC both ways until either side closes it.
 *
 * All lines are UTF-8. A caller that closes its side before the answer calls the verb off.
 */

/** Raised on every change that the other side would misread. */
export const PROTOCOL_VERSION = 1;

export const CONTROL_SOCKET = "/var/run/nestlet/control.sock";

/** Longest line of a request, in bytes. */
export const LONGEST_REQUEST = 64 * 1024;

/** Every verb, with what it does in a few words. */
export const VERBS = {
  console: "attach to the guest's serial console (ends with Ctrl+])",
  vnc: "pass the guest's VNC display through standard input and output",
  pause: "stop the guest's processors",
  unpause: "let a paused guest go on",
  reset: "press the guest's reset button",
  state: "say whether the guest runs or is paused, and why",
  info: "ask the guest's agent for its system, users, addresses and file systems",
  ping: "ask the guest's agent for a sign of life",
  exec: "have the guest's agent run a program, and give back what it writes and its exit code",
  screenshot: "write what the guest shows on its display, as PNG",
  dumpxml: "write the domain as libvirt has it",
  "libvirt-log": "write libvirt's log of the guest's qemu: its command line and its last words",
  qmp: "pass a command to qemu's monitor (QMP, JSON)",
} as const;

export type Verb = keyof typeof VERBS;

export interface Request {
  version: typeof PROTOCOL_VERSION;
  verb: Verb;
  /** Of `qmp`: the command. */
  command?: string;
  /** Of `exec`: the program and its arguments. */
  program?: readonly string[];
  /** Of `exec`: how long the program may take. */
  timeoutSeconds?: number;
}

/** How long a program in the guest may take where the caller does not say. */
export const EXEC_SECONDS = 30;
/** As for a probe's timeoutSeconds. */
export const LONGEST_EXEC_SECONDS = 86_400;

/** Why a verb could not be done, in one word for programs. */
export type VerbErrorCode =
  /** The request itself is wrong. */
  | "BadRequest"
  /** The caller's version is not the launcher's. */
  | "VersionMismatch"
  /** No agent is connected, or it does not answer. */
  | "AgentNotConnected"
  /** The instance's spec rules the verb out. */
  | "NotPossible"
  /** It took too long, or another verb does. */
  | "TimedOut"
  /** Too many callers, or libvirtd is being started again. */
  | "Unavailable"
  /** libvirt or qemu refuses, in their words. */
  | "Refused";

export type Answer =
  | { version: number; result: Result }
  | { version: number; stream: true }
  | { version: number; error: { code: VerbErrorCode; message: string } };

export interface Result {
  /** What `state` and `info` tell. */
  value?: unknown;
  /** Bytes that follow. */
  bytes?: number;
  /** How a program in the guest ended. */
  ran?: ProgramEnd;
}

export interface ProgramEnd {
  /** Of a program that a signal ended, 128 and its number, as a shell has it. */
  exitCode: number;
  /** What it wrote on its two streams, as base64. */
  output: string;
  errors: string;
}

/** A verb's failure, told to its caller: what is wrong and what to do. */
export class VerbError extends Error {
  readonly code: VerbErrorCode;

  constructor(code: VerbErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws VerbError when the line is no request of this version */
export function parseRequest(line: string): Request {
  const { version, verb, command, program, timeoutSeconds = EXEC_SECONDS } = parseObject(line);
  if (version !== PROTOCOL_VERSION) {
    throw new VerbError(
      "VersionMismatch",
      `version is ${JSON.stringify(version)}, this launcher speaks ${PROTOCOL_VERSION}; ` +
        "use the nestlet-ctl of the launcher's own image",
    );
  }
  if (!isVerb(verb)) {
    throw new VerbError("BadRequest", `verb is ${quote(verb)}, want one of ${Object.keys(VERBS).join(", ")}`);
  }
  if (verb === "exec") return { version, verb, ...execOf(program, timeoutSeconds) };
  if (verb !== "qmp") return { version, verb };
  if (typeof command !== "string" || command === "") {
    throw new VerbError("BadRequest", `command is ${quote(command)}, want a QMP command in JSON`);
  }
  return { version, verb, command };
}

function execOf(program: unknown, timeoutSeconds: unknown): Pick<Request, "program" | "timeoutSeconds"> {
  if (!Array.isArray(program) || program.length === 0 || !program.every((one) => typeof one === "string")) {
    throw new VerbError("BadRequest", `program is ${quote(program)}, want a list of texts`);
  }
  if (typeof timeoutSeconds !== "number" || !(timeoutSeconds > 0 && timeoutSeconds <= LONGEST_EXEC_SECONDS)) {
    throw new VerbError(
      "BadRequest",
      `timeoutSeconds is ${quote(timeoutSeconds)}, want a number above 0 and up to ${LONGEST_EXEC_SECONDS}`,
    );
  }
  return { program, timeoutSeconds };
}

export function isVerb(word: unknown): word is Verb {
  return typeof word === "string" && Object.hasOwn(VERBS, word);
}

/** Whether a verb is a conversation. */
export function isStream(verb: Verb): boolean {
  return verb === "console" || verb === "vnc";
}

/** @throws VerbError when the line is no answer of this version */
export function parseAnswer(line: string): Answer {
  const answer = parseObject(line);
  const { version, result, stream, error } = answer;
  const fits =
    isRecord(result) || stream === true || (isRecord(error) && typeof error["message"] === "string");
  if (typeof version === "number" && fits) return answer as unknown as Answer;
  throw new VerbError(
    "VersionMismatch",
    `the launcher answered what nestlet-ctl does not know: ${quote(line)}`,
  );
}

export function line(message: Request | Answer): string {
  return `${JSON.stringify(message)}\n`;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // told below
  }
  throw new VerbError("BadRequest", `the line is ${quote(text)}, want one JSON object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 200);
}
