export type LogLevel = "error" | "warn" | "info" | "debug";

/** From the fewest lines to the most. */
export const logLevels: readonly LogLevel[] = ["error", "warn", "info", "debug"];

export interface Logger {
  error(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
  /** A logger that adds the fields to each of its lines. */
  child(fields: object): Logger;
}

/** Lines of JSON, one object each: `{"time":"…","level":"info","message":"…", …fields}`. */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const most = logLevels.indexOf(level);
  const logger = (context: object): Logger => {
    const at =
      (lineLevel: LogLevel) =>
      (message: string, fields: object = {}): void => {
        if (logLevels.indexOf(lineLevel) > most) return;
        const line = { time: new Date().toISOString(), level: lineLevel, message, ...context, ...fields };
        write(`${JSON.stringify(line)}\n`);
      };
    return {
      error: at("error"),
      warn: at("warn"),
      info: at("info"),
      debug: at("debug"),
      child: (fields) => logger({ ...context, ...fields }),
    };
  };
  return logger({});
}
