import { expect } from "vitest";
import type { ProblemCode, ValueError } from "../../../src/http/problem.ts";

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance: string;
  code: ProblemCode;
  requestId: string;
  errors?: ValueError[];
}

/** Asserts a whole RFC 9457 answer. @returns its body, to look at `errors` */
export async function expectProblem(
  answer: Response,
  status: number,
  code: ProblemCode,
): Promise<ProblemBody> {
  const text = await answer.text();
  expect(`${answer.status} ${text}`).toMatch(new RegExp(`^${status} .*"code":"${code}"`));
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const body = JSON.parse(text) as ProblemBody;
  expect(body).toMatchObject({
    type: `urn:outreach:problem:${code}`,
    title: expect.stringMatching(/./),
    status,
    instance: expect.stringMatching(/^\//),
    requestId: answer.headers.get("x-request-id"),
  });
  return body;
}

/** `{"/email": "required"}`: what was wrong with which value. */
export function valueErrors(problem: ProblemBody): Record<string, string> {
  return Object.fromEntries((problem.errors ?? []).map(({ pointer, code }) => [pointer, code]));
}
