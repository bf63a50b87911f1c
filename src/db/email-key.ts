/**
 * What makes two ways of writing an address one: trimmed, in lower case, an internationalised domain
 * in its ASCII form (RFC 5891), by the URL parser.
 */
export function emailKey(email: string): string {
  const [, local = "", domain = ""] =
    email
      .trim()
      .toLowerCase()
      .match(/^(.*)@([^@]*)$/s) ?? [];
  const url = `http://${domain}`;
  const ascii =
    /^[^/?#:\\[\]]+$/.test(domain) && URL.canParse(url) ? new URL(url).hostname : domain;
  return `${local}@${ascii}`;
}
