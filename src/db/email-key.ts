import { domainToUnicode } from "node:url";

/**
 * The ways in which tables may hold an address, but for its case: as typed, and in both its forms. With
 * either small sigma, because JavaScript makes ΝΙΚΟΣ νικος where Postgres makes it νικοσ.
 */
export function emailSpellings(email: string): string[] {
  const key = emailKey(email);
  const at = key.lastIndexOf("@") + 1;
  const unicode = key.slice(0, at) + domainToUnicode(key.slice(at));
  const spellings = [email.trim().toLowerCase(), key, unicode];
  return [...new Set(spellings.flatMap((each) => [each, each.replaceAll("ς", "σ")]))];
}

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
    /^[^/?#:\\[\]%]+$/.test(domain) && URL.canParse(url) ? new URL(url).hostname : domain;
  return `${local}@${ascii}`;
}
