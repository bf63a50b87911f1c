import { activityQuery } from "../http/list-query.ts";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import {
  bearer,
  idempotencyKeyParameter,
  json,
  problems,
  REQUEST_BODY,
  replayedHeader,
  SECURED,
} from "../http/openapi.ts";
import { operation } from "../http/router.ts";
import { idParam } from "../http/values.ts";
import { readIdempotencyKey } from "../intake/idempotency.ts";
import { activityEntry, activityPage, newNote } from "./desk-schema.ts";
import { addNote, pageOfActivity } from "./trail.ts";

export const trail = operation(
  {
    method: "get",
    path: "/inquiries/{id}/activity",
    operationId: "listInquiryActivity",
    tags: ["Inquiries"],
    summary: "Who did what to an inquiry, newest first",
    description: "What e-mail, phone and metadata were is masked for those without `contact`.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "read")] as const,
    request: { params: idParam, query: activityQuery },
    responses: {
      200: json(activityPage, "One page."),
      ...problems(
        ...SECURED,
        "not_acceptable",
        "malformed_id",
        "inquiry_not_found",
        "invalid_cursor",
        "validation_failed",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const { id } = c.req.valid("param");
    return c.json(await pageOfActivity(deps, principal, id, c.req.valid("query")), 200);
  },
);

export const add = operation(
  {
    method: "post",
    path: "/inquiries/{id}/activity",
    operationId: "addInquiryNote",
    tags: ["Inquiries"],
    summary: "Add a note",
    description:
      "For everyone who may triage or update. With an `Idempotency-Key` the same note is added once.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "triage", "update")] as const,
    parameters: [idempotencyKeyParameter],
    request: {
      params: idParam,
      body: { required: true, content: { "application/json": { schema: newNote } } },
    },
    responses: {
      201: json(activityEntry, "Added.", replayedHeader),
      ...problems(
        ...SECURED,
        ...REQUEST_BODY,
        "invalid_idempotency_key",
        "idempotency_key_reused",
        "malformed_id",
        "inquiry_not_found",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const { id } = c.req.valid("param");
    const key = readIdempotencyKey(c.req.header("idempotency-key"));
    const added = await addNote(deps, principal, id, c.req.valid("json").note, key);
    if (added.replayed) c.header("idempotency-replayed", "true");
    return c.json(added.entry, 201);
  },
);
