import { XdrReader, XdrWriter } from "./xdr.ts";

/** Message types and states of libvirt's RPC: https://libvirt.org/kbase/internals/rpc.html */
export const MessageType = { call: 0, reply: 1, message: 2 } as const;
const STATUS_ERROR = 1;

/** Length word and header, in bytes. */
const LENGTH_BYTES = 4;
const HEADER_BYTES = 24;
const LARGEST_MESSAGE = 16 * 1024 * 1024;

export interface RpcHeader {
  program: number;
  version: number;
  procedure: number;
  type: number;
  serial: number;
}

export interface RpcMessage extends RpcHeader {
  failed: boolean;
  payload: Buffer;
}

export function encodeMessage(header: RpcHeader, payload: Buffer): Buffer {
  return new XdrWriter()
    .int(LENGTH_BYTES + HEADER_BYTES + payload.length)
    .int(header.program)
    .int(header.version)
    .int(header.procedure)
    .int(header.type)
    .int(header.serial)
    .int(0)
    .opaque(payload)
    .bytes();
}

/**
 * Takes the whole messages off the front of what was received.
 * @throws RangeError when a length is impossible: then the stream is of no more use
 */
export function decodeMessages(received: Buffer): { messages: RpcMessage[]; rest: Buffer } {
  const messages: RpcMessage[] = [];
  let rest = received;
  while (rest.length >= LENGTH_BYTES) {
    const length = rest.readUInt32BE(0);
    if (length < LENGTH_BYTES + HEADER_BYTES || length > LARGEST_MESSAGE) {
      throw new RangeError(`libvirt sent a message of ${length} bytes`);
    }
    if (rest.length < length) break;
    messages.push(decodeMessage(rest.subarray(LENGTH_BYTES, length)));
    rest = rest.subarray(length);
  }
  return { messages, rest };
}

function decodeMessage(bytes: Buffer): RpcMessage {
  const header = new XdrReader(bytes);
  return {
    program: header.int(),
    version: header.int(),
    procedure: header.int(),
    type: header.int(),
    serial: header.int(),
    failed: header.int() === STATUS_ERROR,
    payload: bytes.subarray(HEADER_BYTES),
  };
}
