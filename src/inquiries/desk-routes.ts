import { etagOf, targetOf } from "../http/etag.ts";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import {
  bearer,
  etagHeader,
  idempotencyKeyParameter,
  ifMatchHeader,
  json,
  problems,
  REQUEST_BODY,
  replayedHeader,
  requestIdHeader,
  SECURED,
} from "../http/openapi.ts";
import { operation } from "../http/router.ts";
import { idParam } from "../http/values.ts";
import { readIdempotencyKey } from "../intake/idempotency.ts";
import {
  deleteInquiry,
  enterInquiry,
  patchInquiry,
  restoreInquiry,
  triageInquiries,
} from "./desk.ts";
import { bulkTriage, bulkTriageAnswer, inquiryEntry, inquiryPatch } from "./desk-schema.ts";
import { inquiry } from "./schema.ts";

const CHANGED = ["malformed_id", "inquiry_not_found", "stale_version"] as const;

export const create = operation(
  {
    method: "post",
    path: "/inquiries",
    operationId: "createInquiry",
    tags: ["Inquiries"],
    summary: "Enter an inquiry that came another way",
    description:
      "By telephone, say: an e-mail address or a phone number is needed, not both. With an `Idempotency-Key` the same entry is stored once.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "create")] as const,
    parameters: [idempotencyKeyParameter],
    request: {
      body: { required: true, content: { "application/json": { schema: inquiryEntry } } },
    },
    responses: {
      201: json(inquiry, "Stored.", {
        ...etagHeader,
        Location: { schema: { type: "string" }, description: "The inquiry's own address." },
        ...replayedHeader,
      }),
      ...problems(
        ...SECURED,
        ...REQUEST_BODY,
        "invalid_idempotency_key",
        "idempotency_key_reused",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const key = readIdempotencyKey(c.req.header("idempotency-key"));
    const stored = await enterInquiry(deps, principal, c.req.valid("json"), key);
    if (stored.replayed) c.header("idempotency-replayed", "true");
    c.header("etag", etagOf(stored.inquiry.version));
    c.header("location", `${c.req.path}/${stored.inquiry.id}`);
    return c.json(stored.inquiry, 201);
  },
);

export const triage = operation(
  {
    method: "patch",
    path: "/inquiries",
    operationId: "triageInquiries",
    tags: ["Inquiries"],
    summary: "Set many inquiries to one status",
    description: "Each for itself: the answer says what became of every id, in their order.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "triage", "update")] as const,
    request: { body: { required: true, content: { "application/json": { schema: bulkTriage } } } },
    responses: {
      200: json(bulkTriageAnswer, "What became of each."),
      ...problems(...SECURED, ...REQUEST_BODY, "database_unavailable"),
    },
  },
  async (c) => c.json(await triageInquiries(c.var.deps, c.var.principal, c.req.valid("json")), 200),
);

export const patch = operation(
  {
    method: "patch",
    path: "/inquiries/{id}",
    operationId: "patchInquiry",
    tags: ["Inquiries"],
    summary: "Change an inquiry",
    description:
      "A JSON merge patch (RFC 7396): what is absent stays, null takes away. `triage` is enough for the status alone, everything else needs `update`. A patch that changes nothing leaves no trace. Spam that is set back to NEW loses its `spamReasons` and is announced like a new inquiry.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "triage", "update")] as const,
    request: {
      params: idParam,
      headers: ifMatchHeader,
      body: {
        required: true,
        content: {
          "application/json": { schema: inquiryPatch },
          "application/merge-patch+json": { schema: inquiryPatch },
        },
      },
    },
    responses: {
      200: json(inquiry, "As it is now.", etagHeader),
      ...problems(
        ...SECURED,
        ...REQUEST_BODY,
        ...CHANGED,
        "status_conflict",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const target = targetOf(c, c.req.valid("param").id);
    const patched = await patchInquiry(deps, principal, target, c.req.valid("json"));
    c.header("etag", etagOf(patched.version));
    return c.json(patched, 200);
  },
);

export const remove = operation(
  {
    method: "delete",
    path: "/inquiries/{id}",
    operationId: "deleteInquiry",
    tags: ["Inquiries"],
    summary: "Put an inquiry in the bin",
    description: "A second time changes nothing.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "delete")] as const,
    request: { params: idParam, headers: ifMatchHeader },
    responses: {
      204: { description: "It is in the bin.", headers: requestIdHeader },
      ...problems(...SECURED, ...CHANGED, "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    await deleteInquiry(deps, principal, targetOf(c, c.req.valid("param").id));
    return c.body(null, 204);
  },
);

export const restore = operation(
  {
    method: "post",
    path: "/inquiries/{id}/restore",
    operationId: "restoreInquiry",
    tags: ["Inquiries"],
    summary: "Take an inquiry out of the bin",
    description: "One that is not there stays as it is.",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "delete")] as const,
    request: { params: idParam, headers: ifMatchHeader },
    responses: {
      200: json(inquiry, "As it is now.", etagHeader),
      ...problems(...SECURED, ...CHANGED, "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const restored = await restoreInquiry(deps, principal, targetOf(c, c.req.valid("param").id));
    c.header("etag", etagOf(restored.version));
    return c.json(restored, 200);
  },
);
