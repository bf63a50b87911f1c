const TEXTS: Readonly<Record<string, string>> = {
  honeypot: "A field that people do not see was filled in.",
  filled_too_fast: "It was sent faster than anyone types.",
  stamp_invalid: "The form’s stamp was not one of ours.",
  stamp_expired: "The form’s stamp was too old.",
  turnstile_missing: "It came without the check for robots.",
  turnstile_failed: "The check for robots was not passed.",
  too_many_links: "It holds many links.",
  blocked_domain: "It names a blocked domain.",
};

/** A reason code in words; a code that is not known here yet is shown as it is. */
export function spamReasonText(reason: string): string {
  return TEXTS[reason] ?? `Reason: ${reason.replaceAll("_", " ")}.`;
}
