import { redact } from "./redact.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Key-values of a log line. Never a message body, address, token or IP. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };

/** The level of a variable that may be malformed. */
export function levelOf(text: unknown): LogLevel {
  return typeof text === "string" && Object.hasOwn(SEVERITY, text) ? (text as LogLevel) : "info";
}

/**
 * On whose behalf an object is called: the last argument of each of its methods. Absent when the
 * version before calls.
 */
export interface Caller {
  readonly requestId: string;
}

/** All that a log line may say of an error: a message may quote what it is about. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

/** The logger of an object that was called. */
export function loggerFor(env: { readonly LOG_LEVEL?: string }, from?: Caller): Logger {
  const fields = from && { requestId: from.requestId };
  return createLogger({ level: levelOf(env.LOG_LEVEL), ...(fields && { fields }) });
}

/**
 * A logger that writes one JSON object a line: `time` (RFC 3339 UTC), `level`, `message`, the bound
 * fields (`requestId`), then the call's own.
 */
export function createLogger(options: {
  level: LogLevel;
  fields?: LogFields;
  write?: (line: string) => void;
}): Logger {
  const { level: threshold, fields: bound = {}, write = console.log } = options;
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (SEVERITY[level] < SEVERITY[threshold]) return;
      const time = new Date().toISOString();
      const line = { time, level, message: redact(message), ...clean(bound), ...clean(fields) };
      write(JSON.stringify(line));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function clean(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value === "string") return [name, redact(value)];
      return [name, Array.isArray(value) ? value.map((item) => redact(String(item))) : value];
    }),
  );
}
