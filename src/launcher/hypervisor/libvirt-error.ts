import { XdrReader } from "./xdr.ts";

/** `virErrorNumber` values that the launcher tells apart. */
export const LibvirtErrorCode = { noDomain: 42, operationInvalid: 55, agentUnresponsive: 86 } as const;

/** What libvirt answered instead of a result. */
export class LibvirtError extends Error {
  /** `virErrorNumber`, see libvirt/virterror.h. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads the front of a `virNetMessageError`; the rest repeats the message in pieces. */
export function decodeError(payload: Buffer): LibvirtError {
  const reader = new XdrReader(payload);
  const code = reader.int();
  reader.int(); // the part of libvirt that it comes from
  return new LibvirtError(code, reader.optionalString() ?? `libvirt error ${code}`);
}

/** The connection to libvirtd ended while an answer was due. */
export class ConnectionLost extends Error {
  constructor() {
    super("libvirtd closed the connection");
  }
}

/** Whether the guest's agent is not there, or does not answer. */
export function isAgentMissing(error: unknown): boolean {
  return error instanceof LibvirtError && error.code === LibvirtErrorCode.agentUnresponsive;
}
