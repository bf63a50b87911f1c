import type { Signer } from "../auth/signing.ts";

/** No person fills in a contact form faster; programs do. */
export const MINIMUM_FILL_SECONDS = 3;
/** A tab may stay open over a long weekend. */
export const MAXIMUM_AGE_SECONDS = 7 * 24 * 3600;

export type StampVerdict = "good" | "invalid" | "too_young" | "expired";

/** Says when a form was shown: `<milliseconds in base 36>.<HMAC>`. Carries nothing about anybody. */
export async function makeStamp(signer: Signer, now: Date): Promise<string> {
  const time = now.getTime().toString(36);
  return `${time}.${await signer.sign("form-stamp", time)}`;
}

export async function readStamp(signer: Signer, stamp: string, now: Date): Promise<StampVerdict> {
  const [, time = "", signature = ""] = stamp.match(/^([0-9a-z]{1,11})\.([\w-]{43})$/) ?? [];
  if (!(await signer.verify("form-stamp", time, signature))) return "invalid";
  const seconds = (now.getTime() - Number.parseInt(time, 36)) / 1000;
  if (seconds > MAXIMUM_AGE_SECONDS) return "expired";
  return seconds < MINIMUM_FILL_SECONDS ? "too_young" : "good";
}
