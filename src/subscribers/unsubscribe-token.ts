import type { Signer } from "../auth/signing.ts";
import { isSnowflake } from "../db/snowflake.ts";

const PURPOSE = "unsubscribe";

/** What a mail carries: `<snowflake>.<43 characters of base64url>`, of HMAC-SHA256 (ADR-0001). */
export async function signUnsubscribeToken(
  signer: Signer,
  unsubscribeToken: string,
): Promise<string> {
  return `${unsubscribeToken}.${await signer.sign(PURPOSE, unsubscribeToken)}`;
}

/**
 * The Snowflake in a signed token; undefined when it was not signed by us. Decided without the database,
 * and with one comparison in constant time whatever is wrong with the text.
 */
export async function readUnsubscribeToken(
  signer: Signer,
  token: string,
): Promise<string | undefined> {
  const [unsubscribeToken = "", signature = "", ...others] = token.split(".");
  const wellFormed = isSnowflake(unsubscribeToken) && others.length === 0;
  const genuine = await signer.verify(PURPOSE, wellFormed ? unsubscribeToken : "0", signature);
  return wellFormed && genuine ? unsubscribeToken : undefined;
}
