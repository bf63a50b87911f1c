/** Fields whose content belongs to a visitor or to a subscriber. */
const PERSONAL = ["name", "email", "phone", "subject", "message", "text", "note", "token"];

/** Shorter words could be in a log line by chance. */
const MIN_CHARACTERS = 6;

const typed = new Set<string>();

/** Remembers the personal values of a request's body, for the watch over the log. */
export function rememberTyped(body: RequestInit["body"] | undefined): void {
  if (typeof body === "string") rememberValues(parse(body));
  else if (body instanceof URLSearchParams || body instanceof FormData) {
    rememberValues(Object.fromEntries(body as Iterable<[string, unknown]>));
  }
}

/** As it would look inside a JSON string. */
export function typedByTests(): string[] {
  return [...typed].map((value) => JSON.stringify(value).slice(1, -1));
}

function rememberValues(fields: unknown): void {
  if (typeof fields !== "object" || fields === null) return;
  for (const name of PERSONAL) {
    const value: unknown = Reflect.get(fields, name);
    if (typeof value === "string" && value.length >= MIN_CHARACTERS) typed.add(value);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
