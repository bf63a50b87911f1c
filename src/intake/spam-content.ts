/** People send a link or two; who sends more advertises. */
const MAX_LINKS = 5;

const LINK = /(?:https?:\/\/|\bwww\.)([^\s/?#"'<>[\]()]+)/gi;

/** What was typed, as far as the spam gate reads it. */
export interface Content {
  readonly name: string | undefined;
  readonly email: string;
  /** Subject, message, metadata and whatever else is free text. */
  readonly texts: readonly string[];
}

export type ContentReason = "too_many_links" | "link_in_name" | "blocked_domain";

/** @param blockedDomains in ASCII; a domain stands for everything below it */
export function contentReasons(
  content: Content,
  blockedDomains: ReadonlySet<string>,
): ContentReason[] {
  const reasons: ContentReason[] = [];
  const hosts = content.texts.flatMap(linkHosts);
  if (hosts.length > MAX_LINKS) reasons.push("too_many_links");
  const inName = linkHosts(content.name ?? "");
  if (inName.length > 0) reasons.push("link_in_name");
  const mailHost = content.email.slice(content.email.lastIndexOf("@") + 1);
  const isBlocked = (host: string) => parentsOf(asciiHost(host)).some((h) => blockedDomains.has(h));
  if (blockedDomains.size > 0 && [mailHost, ...inName, ...hosts].some(isBlocked)) {
    reasons.push("blocked_domain");
  }
  return reasons;
}

function linkHosts(text: string): string[] {
  return [...text.matchAll(LINK)].map(([, host = ""]) => host);
}

/** No name is longer (RFC 1035, section 2.3.4); one that is made longer takes quadratic time. */
const MAX_HOST_CHARACTERS = 253;

/** As the URL parser reads it, so that case, IDN and a trailing dot hide nothing. */
function asciiHost(host: string): string {
  const end = host.slice(host.lastIndexOf("@") + 1).slice(-MAX_HOST_CHARACTERS);
  const address = `http://${end.replace(/[.,;:!?]+$/, "")}`;
  return URL.canParse(address) ? new URL(address).hostname : "";
}

/** `a.b.c` → `a.b.c`, `b.c`, `c`. */
function parentsOf(host: string): string[] {
  const labels = host.split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}
