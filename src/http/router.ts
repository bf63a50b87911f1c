import {
  createRoute,
  type Hook,
  OpenAPIHono,
  type OpenAPIRoute,
  type RouteConfig,
  type z,
} from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { PrincipalVariables } from "./middleware/authenticate.ts";
import type { RequestIdVariables } from "./middleware/request-id.ts";
import { jsonPointer, Problem, type ValueError } from "./problem.ts";

/** What every handler finds in its context. */
export interface AppEnv {
  Bindings: Env;
  Variables: RequestIdVariables &
    PrincipalVariables & {
      log: Logger;
      deps: Deps;
      /** Set by a route that can show its problems in its own page, with what was typed. */
      problemPage: ((problem: Problem) => Response | Promise<Response>) | undefined;
    };
}

/**
 * An operation: what the document says of it, and what it does. The library's `defineOpenAPIRoute`
 * would need the context's type named at every call.
 */
export function operation<const R extends Omit<RouteConfig, "path"> & { path: string }>(
  route: R,
  handler: OpenAPIRoute<R, AppEnv>["handler"],
) {
  return { route: createRoute(route), handler };
}

/** A feature's router: validation failures become problems. */
export function createRouter() {
  return new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });
}

const refuseInvalid: Hook<unknown, AppEnv, string, unknown> = (result) => {
  if (result.success) return;
  if (result.target === "param") throw new Problem("malformed_id");
  throw validationProblem(result.error, result.target === "query" ? "?" : "/");
};

/** A body of many small wrong values must not be answered with one of many times its size. */
const MAX_VALUE_ERRORS = 50;

/** One entry for each value that failed, 50 at most. @param prefix `/` into a body, `?` for query parameters */
export function validationProblem(error: z.core.$ZodError, prefix: "/" | "?" = "/"): Problem {
  const errors = error.issues.flatMap((issue) => valueErrors(issue, prefix));
  return new Problem("validation_failed", { errors: errors.slice(0, MAX_VALUE_ERRORS) });
}

function valueErrors(issue: z.core.$ZodIssue, prefix: "/" | "?"): ValueError[] {
  const at = (path: readonly PropertyKey[]) =>
    prefix === "/" ? jsonPointer(path) : `?${path.map(String).join("/")}`;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: at([...issue.path, key]),
      code: "unknown_field",
      detail: "This field is not known",
    }));
  }
  // The input is only in the issue when the parse was asked to report it.
  const missing = issue.code === "invalid_type" && "input" in issue && issue.input === undefined;
  return [
    { pointer: at(issue.path), code: missing ? "required" : issue.code, detail: issue.message },
  ];
}
