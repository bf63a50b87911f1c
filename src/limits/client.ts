import { parseIp } from "./ip.ts";

/**
 * Who is asking, as far as the edge can tell:
 * - `visitor`: an address on the internet; `key` is the IPv4 address or the IPv6 /64
 * - `workers`: some Worker on Cloudflare's network calls our public address by `fetch()`
 * - `unidentified`: the request did not come through the edge
 * - `unreadable`: the header holds no address, which the edge never sends
 */
export type Client =
  | { readonly kind: "visitor"; readonly key: string }
  | { readonly kind: "workers" | "unidentified" | "unreadable"; readonly key: undefined };

/**
 * What every cross-zone subrequest of every Worker in the world carries as its address. As one
 * visitor they would use up each other's quota, so they share a wider one (ADR-0004).
 */
const WORKERS_NETWORK = "2a06:98c0:3600:0::/64";

/**
 * Identifies the client by `CF-Connecting-IP` and nothing else: that header is set by Cloudflare,
 * whatever the client sent, while `X-Forwarded-For` is only appended to.
 *
 * IPv4-mapped IPv6 (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is unmapped before anything is
 * masked: masked first, all of IPv4 would be one client. IPv6 counts by /64, which is what one
 * subscriber is given.
 */
export function identifyClient(headers: Headers): Client {
  const header = headers.get("cf-connecting-ip");
  if (header === null) return { kind: "unidentified", key: undefined };
  const ip = parseIp(header.trim());
  if (ip === undefined) return { kind: "unreadable", key: undefined };
  // The edge never sees a loopback address; the local server reports one for a plain curl.
  if (ip.loopback) return { kind: "unidentified", key: undefined };
  const key = ip.version === 4 ? ip.address : `${ip.network64}::/64`;
  if (key === WORKERS_NETWORK) return { kind: "workers", key: undefined };
  return { kind: "visitor", key };
}
