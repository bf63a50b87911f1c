import { authenticate } from "../http/middleware/authenticate.ts";
import { bearer, json, problems } from "../http/openapi.ts";
import { createRouter, operation } from "../http/router.ts";
import { me } from "./schema.ts";
import { describePrincipal } from "./service.ts";

const getMe = operation(
  {
    method: "get",
    path: "/me",
    operationId: "getMe",
    tags: ["Me"],
    summary: "Who I am and what I may do",
    description:
      "Answers everyone with a valid token, also without any role: then `permissions` is empty.",
    security: bearer,
    middleware: [authenticate()] as const,
    responses: {
      200: json(me, "The principal.", {
        "Cache-Control": { schema: { type: "string" }, description: "`no-store`." },
      }),
      ...problems(
        "unauthenticated",
        "not_acceptable",
        "identity_unavailable",
        "permissions_unavailable",
      ),
    },
  },
  async (c) => {
    c.header("cache-control", "no-store");
    return c.json(await describePrincipal(c.var.deps, c.var.principal), 200);
  },
);

export const meRoutes = createRouter().openapiRoutes([getMe] as const);
