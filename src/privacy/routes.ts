import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import { bearer, json, problems, REQUEST_BODY, SECURED } from "../http/openapi.ts";
import { createRouter, operation } from "../http/router.ts";
import { privacyErasure, privacyReport, privacySubject } from "./schema.ts";
import { eraseAddress, reportOn } from "./service.ts";

const body = { required: true, content: { "application/json": { schema: privacySubject } } };

const report = operation(
  {
    method: "post",
    path: "/privacy/report",
    operationId: "reportPersonalData",
    tags: ["Privacy"],
    summary: "Everything held about an e-mail address",
    description: "A POST, so that the address is in no log of addresses. It leaves a trace.",
    security: bearer,
    middleware: [authenticate(), authorize("privacy", "report")] as const,
    request: { body },
    responses: {
      200: json(privacyReport, "Everything held.", {
        "Cache-Control": { schema: { type: "string" }, description: "`no-store`." },
      }),
      ...problems(...SECURED, ...REQUEST_BODY, "database_unavailable", "holder_unavailable"),
    },
  },
  async (c) => {
    const { email } = c.req.valid("json");
    c.header("cache-control", "no-store");
    return c.json(await reportOn(c.var.deps, c.var.principal, email), 200);
  },
);

const erase = operation(
  {
    method: "post",
    path: "/privacy/erase",
    operationId: "erasePersonalData",
    tags: ["Privacy"],
    summary: "Erase an e-mail address everywhere",
    description:
      "In the tables, in writes that wait in the spool or were set aside, and in the rooms' logs, whose events keep their ids. Cannot be undone. With 503 it was not erased everywhere: repeat it. What remains are a keyed hash of the address, so that no import brings it back, and inquiries without anything personal, so that no count changes.",
    security: bearer,
    middleware: [authenticate(), authorize("privacy", "erase")] as const,
    request: { body },
    responses: {
      200: json(privacyErasure, "How much was erased."),
      ...problems(...SECURED, ...REQUEST_BODY, "database_unavailable", "holder_unavailable"),
    },
  },
  async (c) => {
    const { email } = c.req.valid("json");
    return c.json(await eraseAddress(c.var.deps, c.var.principal, email), 200);
  },
);

export const privacyRoutes = createRouter().openapiRoutes([report, erase] as const);
