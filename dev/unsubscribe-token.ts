import { createHmac } from "node:crypto";

/**
 * A token as a mail carries it, made outside of the Worker.
 * @param key the 32 bytes of `SIGNING_KEY`
 * @param number the Snowflake in the subscriber's row
 */
export function unsubscribeToken(key: Buffer, number: string): string {
  const hmac = createHmac("sha256", key).update(`unsubscribe\0${number}`);
  return `${number}.${hmac.digest("base64url")}`;
}
