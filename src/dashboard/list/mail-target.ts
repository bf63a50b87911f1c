/** What follows `mailto:` (RFC 6068). @param subject of the message that is answered */
export function mailTarget(email: string, subject: string | null): string {
  const to = encodeURIComponent(email).replaceAll("%40", "@");
  return subject ? `${to}?subject=${encodeURIComponent(`Re: ${subject}`)}` : to;
}
