import type { IncomingHttpHeaders } from "node:http";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Outgoing {
  /** `https://host:port` */
  origin: string;
  /** With its query. */
  path: string;
  method: Method;
  headers?: Record<string, string | string[]>;
  body?: string | null;
  signal?: AbortSignal;
  /** How long the body may pause, in milliseconds; 0 for any time. */
  bodyTimeout?: number;
}

/** It is read once: as a text, as JSON, or piece by piece. */
export interface AnswerBody extends AsyncIterable<unknown> {
  setEncoding(encoding: "utf8"): unknown;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

export interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: AnswerBody;
}

/** What sends requests: one of undici's dispatchers, or what does the same by other means. */
export interface Sender {
  request(outgoing: Outgoing): Promise<Answer>;
}
