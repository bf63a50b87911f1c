import type { Context, ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { KeysUnavailable } from "../../auth/jwks.ts";
import { PermissionsUnavailable } from "../../auth/permissions.ts";
import { ConfigError } from "../../config.ts";
import { databaseFailure } from "../../db/errors.ts";
import { Problem, problemResponse } from "../problem.ts";
import type { AppEnv } from "../router.ts";

/** The one place where whatever was thrown becomes an answer. */
export const problemHandler: ErrorHandler<AppEnv> = async (error, c) => {
  const problem = toProblem(error, c);
  const showPage = c.get("problemPage");
  return showPage ? showPage(problem) : answerWith(c, problem);
};

export function answerWith(c: Context<AppEnv>, problem: Problem): Response {
  return problemResponse(problem, { requestId: c.var.requestId, instance: c.req.path });
}

function toProblem(error: Error, c: Context<AppEnv>): Problem {
  const { log } = c.var;
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException) {
    if (error.status === 400) return new Problem("malformed_json");
    if (error.status === 415) {
      return new Problem("unsupported_media_type", { headers: { accept: "application/json" } });
    }
  }
  // Why they are not at hand was logged where it was found out.
  if (error instanceof KeysUnavailable) return new Problem("identity_unavailable");
  if (error instanceof PermissionsUnavailable) return new Problem("permissions_unavailable");
  if (error instanceof ConfigError) {
    log.error("misconfigured", { variables: error.variables });
    return new Problem("misconfigured");
  }
  const failure = databaseFailure(error);
  if (failure?.kind === "unavailable" || failure?.kind === "contention") {
    log.error("database unavailable", { code: failure.code });
    return new Problem("database_unavailable");
  }
  // A message may quote what a visitor typed (a failed query quotes its parameters): frames only.
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  log.error("unexpected error", { error: error.name, code: failure?.code, stack: frames });
  return new Problem("internal_error");
}
