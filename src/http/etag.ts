/** The entity tag of a version, RFC 9110 section 8.8.3. */
export function etagOf(version: number): string {
  return `"v${version}"`;
}

/**
 * The versions that an `If-Match` header accepts; `undefined` when any will do (no header, or `*`).
 * Tags are compared strongly (RFC 9110 section 13.1.1), so a weak one, like one that was never ours,
 * matches nothing.
 */
export function readIfMatch(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  return header
    .matchAll(/(?:^|,)[\t ]*"v(\d{1,9})"[\t ]*(?=,|$)/g)
    .map(([, version]) => Number(version))
    .toArray();
}
