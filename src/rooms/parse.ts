/** An acknowledgement is at most this long; anything longer is not even parsed. */
const MAX_CHARACTERS = 64;

/**
 * The only frame an observer sends besides `ping`: `{"type":"ack","id":12}`.
 * @returns its id, or undefined when it is anything else
 */
export function readAcknowledgement(message: string | ArrayBuffer): number | undefined {
  if (typeof message !== "string" || message.length > MAX_CHARACTERS) return undefined;
  let frame: unknown;
  try {
    frame = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (typeof frame !== "object" || frame === null || !("type" in frame) || !("id" in frame)) {
    return undefined;
  }
  const { type, id } = frame;
  return type === "ack" && typeof id === "number" && Number.isSafeInteger(id) ? id : undefined;
}
