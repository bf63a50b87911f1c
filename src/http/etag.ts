import type { Context } from "hono";
import { Problem } from "./problem.ts";

/** The entity tag of a version, RFC 9110 section 8.8.3. */
export function etagOf(version: number): string {
  return `"v${version}"`;
}

/**
 * The versions that an `If-Match` header accepts; `undefined` when any will do (no header, or `*`).
 * A weak one counts, against RFC 9110 section 13.1.1: Cloudflare makes our tags weak when it compresses
 * an answer, and a version is exact whatever its bytes. One that was never ours matches nothing.
 */
export function readIfMatch(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  return header
    .matchAll(/(?:^|,)[\t ]*(?:W\/)?"v(\d{1,9})"[\t ]*(?=,|$)/g)
    .map(([, version]) => Number(version))
    .toArray();
}

/** One thing, and the versions that a change may be based on; any when undefined. */
export interface Target {
  readonly id: string;
  readonly versions: readonly number[] | undefined;
}

export function targetOf(c: Context, id: string): Target {
  return { id, versions: readIfMatch(c.req.header("if-match")) };
}

/** @throws {Problem} `stale_version` when a change was refused for the version it is based on */
export function refuseStale(
  versions: Target["versions"],
  { changed, version }: { changed: boolean; version: number },
): void {
  if (!changed && versions !== undefined && !versions.includes(version)) {
    throw new Problem("stale_version");
  }
}
