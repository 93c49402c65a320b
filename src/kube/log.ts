import { Writable } from "node:stream";
import winston from "winston";

export type LogLevel = "error" | "warn" | "info" | "debug";

/** From the fewest lines to the most. */
export const logLevels: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** What the program sees of its log; winston's own types let anything through. */
export interface Logger {
  error(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
  /** A logger that adds the fields to each of its lines. */
  child(fields: object): Logger;
}

const { combine, json } = winston.format;

/** Time first, then what every line has, then its own fields. */
const ordered = winston.format(({ level, message, ...fields }) => ({
  time: new Date().toISOString(),
  level,
  message,
  ...fields,
}));

/** Lines of JSON, one object each: `{"time":"…","level":"info","message":"…", …fields}`. */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      write(line);
      done();
    },
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- typed as an interface beside the class
  const transport: winston.transport = new winston.transports.Stream({ stream, eol: "\n" });
  const logger = winston.createLogger({
    level,
    levels: Object.fromEntries(logLevels.map((name, index) => [name, index])),
    format: combine(ordered(), json({ deterministic: false })),
    transports: [transport],
  });
  return wrapped(logger);
}

function wrapped(logger: winston.Logger): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: object = {}): void => {
      // winston would make the line before it drops it.
      if (logger.isLevelEnabled(level)) logger.log({ ...fields, level, message });
    };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    child: (fields) => wrapped(logger.child(fields)),
  };
}
