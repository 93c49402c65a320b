/** Exit codes of `nestctl`; those of `ssh`, `virsh` and `cluster exec` are the remote command's. */
export const ExitCode = {
  done: 0,
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The object, or the kind of it, does not exist. */
  notFound: 3,
  /** The API server refuses, or does not know who asks. */
  forbidden: 4,
  /** The API server cannot be reached. */
  unreachable: 5,
  /** What was waited for did not come in time. */
  timedOut: 6,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A failure in words for a person: what is wrong, and what to do. */
export class CliError extends Error {
  readonly exitCode: number;
  /** Absent where the message says it already. */
  readonly remedy: string | undefined;

  constructor(exitCode: number, message: string, remedy?: string) {
    super(message);
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** A command line that cannot be followed. */
export function usageError(message: string, remedy?: string): CliError {
  return new CliError(ExitCode.usage, message, remedy);
}
