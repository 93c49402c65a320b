import { ApiError } from "../../kube/api-error.ts";

/** Kubernetes' channels over a WebSocket: each message begins with the number of its stream. */
export const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export const STREAM = { input: 0, output: 1, errors: 2, status: 3, close: 255 } as const;

export function frame(stream: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(stream), data]);
}

/** Whether the end of the input can be told without ending the connection. */
export function supportsClose(protocol: string): boolean {
  return protocol === "v5.channel.k8s.io";
}

export function closeInput(): Buffer {
  return Buffer.of(STREAM.close, STREAM.input);
}

interface ExecStatus {
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/**
 * The exit code in a Status that ends a command.
 * @throws ApiError when the command could not be run
 */
export function exitCodeOf(text: string): number {
  const { status, message = text, reason, code = 500, details } = JSON.parse(text) as ExecStatus;
  if (status === "Success") return 0;
  const exit = details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
  if (reason === "NonZeroExitCode" && exit !== undefined) return Number(exit);
  throw new ApiError(code, reason ?? "", message);
}
