import { expect } from "vitest";
import type { Inquiry } from "../../../src/inquiries/schema.ts";
import { as, call, postJson } from "./app.ts";
import { aSubmission } from "./factories.ts";

type Who = Parameters<typeof as>[0];

/** An inquiry that staff entered. */
export async function anInquiry(changes: Record<string, unknown> = {}): Promise<Inquiry> {
  const answer = await postJson("/inquiries", aSubmission(changes), as("employee"));
  expect(answer.status).toBe(201);
  return answer.json<Inquiry>();
}

export function patchJson(
  path: string,
  body: unknown,
  who: Who = "employee",
  headers: Record<string, string> = {},
) {
  return call(path, {
    method: "PATCH",
    headers: { "content-type": "application/merge-patch+json", ...as(who), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function get(path: string, who: Who = "employee", headers: Record<string, string> = {}) {
  return call(path, { headers: { ...as(who), ...headers } });
}

export function send(
  method: string,
  path: string,
  who: Who = "owner",
  headers: Record<string, string> = {},
) {
  return call(path, { method, headers: { ...as(who), ...headers } });
}

/** The JSON of an answer with this status. */
export async function bodyOf<T>(answer: Response | Promise<Response>, status = 200): Promise<T> {
  const response = await answer;
  const body = await response.json<T>();
  expect([response.status, body]).toEqual([status, body]);
  return body;
}

/** The code of a problem with this status. */
export async function codeOf(answer: Response | Promise<Response>, status: number) {
  const { code } = await bodyOf<{ code: string }>(answer, status);
  return code;
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface Entry {
  id: string;
  kind: string;
  actor: string;
  note?: string;
  changes?: Record<string, { before: unknown; after: unknown }>;
}

/** The trail, newest first. */
export async function trailOf(id: string, who: Who = "owner", query = ""): Promise<Entry[]> {
  return (await bodyOf<Page<Entry>>(get(`/inquiries/${id}/activity${query}`, who))).data;
}

/** An inquiry in the bin. */
export async function aDeletedInquiry(changes: Record<string, unknown> = {}): Promise<Inquiry> {
  const inquiry = await anInquiry(changes);
  expect((await send("DELETE", `/inquiries/${inquiry.id}`)).status).toBe(204);
  return inquiry;
}

/** Five inquiries of a source of their own, one of each status and one more that is NEW. */
export async function fiveInquiries() {
  const source = crypto.randomUUID();
  const inquiries: Inquiry[] = [];
  for (let n = 0; n < 5; n += 1) inquiries.push(await anInquiry({ source }));
  const ids = inquiries.map(({ id }) => id) as [string, string, string, string, string];
  const [, begun, done, cancelled] = ids;
  for (const [id, status] of [
    [begun, "IN_PROGRESS"],
    [done, "IN_PROGRESS"],
    [done, "RESOLVED"],
    [cancelled, "CANCELLED"],
  ]) {
    await bodyOf(patchJson(`/inquiries/${id}`, { status }));
  }
  return { source, ids };
}
