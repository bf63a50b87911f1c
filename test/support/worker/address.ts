/** An address in a /64 that no other test calls from (RFC 3849). */
export function anAddress(): string {
  const [a, b, c] = crypto.getRandomValues(new Uint16Array(3));
  return `2001:db8:${a?.toString(16)}:${b?.toString(16)}::${c?.toString(16)}`;
}
