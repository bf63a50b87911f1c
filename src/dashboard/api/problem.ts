import type { problemSchema } from "../../http/openapi.ts";

type ProblemBody = (typeof problemSchema)["_zod"]["output"];

/** What a request came to when it came to nothing: the API's problem, or that it was not reached. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly errors: NonNullable<ProblemBody["errors"]>;
  readonly body: unknown;

  constructor(body: Partial<ProblemBody> & { code: string; status: number; title: string }) {
    super(body.code);
    this.code = body.code;
    this.status = body.status;
    this.title = body.title;
    this.detail = body.detail;
    this.requestId = body.requestId;
    this.errors = body.errors ?? [];
    this.body = body;
  }
}

export function unreachable(): ApiProblem {
  return new ApiProblem({ code: "unreachable", status: 0, title: "The desk cannot be reached" });
}

/** @throws {ApiProblem} always */
export async function throwProblem(response: Response): Promise<never> {
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
  throw new ApiProblem({
    ...body,
    code: body.code ?? "unexpected_answer",
    status: response.status,
    title: body.title ?? "The answer was not understood",
  });
}

export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({ code: "unexpected", status: 0, title: "Something went wrong here" });
}

/** One sentence on what to do about it. */
export function adviceFor({ code, status, errors, detail }: ApiProblem): string {
  switch (code) {
    case "unreachable":
      return "Check the connection. What is on the screen stays; try again in a moment.";
    case "unauthenticated":
      return "Sign in again to go on.";
    case "forbidden":
      return "Your role does not allow this. Ask an owner if it should.";
    case "database_unavailable":
      return "The database is away. New messages are kept safe meanwhile; try again in a moment.";
    case "stopped":
      return "What has been done until then stays.";
    case "inquiry_not_found":
    case "subscriber_not_found":
      return "Somebody may have moved it to the bin, or the address is mistyped.";
    case "malformed_body":
      return `${detail ?? "The file cannot be read"}.`;
    case "body_too_large":
      return "Cut it into parts, and take one after the other.";
    case "subscriber_active":
      return "There is nothing left to do.";
    case "subscriber_unsubscribed":
      return "Nobody is brought back by entering them. If they asked for it, put them back by hand.";
    case "subscriber_in_bin":
      return "Restore them, if that is what they want.";
    case "subscriber_erased":
      return "They asked to be forgotten. Only they themselves can sign up again.";
    case "validation_failed":
      return errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join("; ");
    default:
      if (status === 429) return "That was a little too often. Wait a moment, then try again.";
      if (status >= 500) return "It is not your doing. Try again in a moment.";
      return "Reload the list and try again.";
  }
}
