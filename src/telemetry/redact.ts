/**
 * The last line of defence of the log: nothing is meant to get this far, and the tests fail when
 * something does. What it puts in the place says what was there.
 */
const RULES: readonly (readonly [pattern: RegExp, mark: string])[] = [
  // Three base64url parts of which the first begins a JSON object (RFC 7515, section 3.1).
  [/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g, "[token]"],
  [/\bBearer +[\w.~+/-]+=*/gi, "Bearer [token]"],
  [/\bpostgres(?:ql)?:\/\/[^\s"]+/gi, "[address of the database]"],
  [/[^\s@"'<>()[\],;:]{1,64}@[^\s@"'<>()[\],;:]+\.[^\s@"'<>()[\],;:]+/gu, "[e-mail]"],
  [/(?<![\w.])(?:::ffff:)?(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/gi, "[address]"],
  // Four groups or a double colon: times of day and positions in a file have fewer.
  [
    /(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+|(?:[0-9a-f]{1,4}:)+:|::(?:[0-9a-f]{1,4}:?)+)(?![\w:])/gi,
    "[address]",
  ],
];

/** What any of the rules leaves behind. */
export const REDACTED = /\[(?:token|address of the database|e-mail|address)\]/;

/** Takes e-mail addresses, tokens, connection strings and IP addresses out of a text. */
export function redact(text: string): string {
  return RULES.reduce((rest, [pattern, mark]) => rest.replaceAll(pattern, mark), text);
}
