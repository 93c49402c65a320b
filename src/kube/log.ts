import winston from "winston";

export type LogLevel = "error" | "warn" | "info" | "debug";

export const logLevels: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** The part of winston's logger that is used here. */
export interface Logger {
  error(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
  /** A logger that adds the fields to each of its lines. */
  child(fields: object): Logger;
}

/** One JSON object a line on standard error, the time first. */
export function createLogger(level: LogLevel): Logger {
  return winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: [...logLevels] })],
  });
}
