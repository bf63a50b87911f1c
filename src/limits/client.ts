/**
 * Who is asking: the address Cloudflare itself saw, and nothing that a client can send
 * (`X-Forwarded-For` is appended to, not replaced).
 */
export function clientAddress(headers: Headers): string | undefined {
  return headers.get("cf-connecting-ip") ?? undefined;
}
