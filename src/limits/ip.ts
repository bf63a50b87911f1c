/** An address in canonical form, so that every way of writing it counts as the same client. */
export type Ip =
  | { readonly version: 4; readonly address: string; readonly loopback: boolean }
  | { readonly version: 6; readonly network64: string; readonly loopback: boolean };

/**
 * Reads an IPv4 or IPv6 address in any textual form of RFC 4291 section 2.2: upper case, leading
 * zeros, `::`, a dotted tail, a zone id (RFC 4007 section 11). IPv4-mapped IPv6 comes back as IPv4.
 * @returns undefined when `text` is not an address
 */
export function parseIp(text: string): Ip | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return ipv4(v4);
  const groups = parseIpv6(text.split("%", 1)[0] ?? "");
  if (groups === undefined) return undefined;
  const upper = groups.slice(0, 5);
  if (upper.every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return ipv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  }
  const loopback = groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1;
  const network64 = groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":");
  return { version: 6, network64, loopback };
}

function ipv4(bytes: readonly number[]): Ip {
  return { version: 4, address: bytes.join("."), loopback: bytes[0] === 127 };
}

function parseIpv4(text: string): number[] | undefined {
  // Without leading zeros: some parsers take those for octal (RFC 6943 section 3.1.1).
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [parseGroups(halves[0] ?? ""), parseGroups(halves[1] ?? "")];
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  // A dotted part may only end the whole address.
  if (halves[0]?.includes(".") || head.length + tail.length > 7) return undefined;
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Groups of 16 bits; the last may be a dotted IPv4 address, which is two of them. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const dotted = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (dotted !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
