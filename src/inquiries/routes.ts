import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import { bearer, json, problems, SECURED } from "../http/openapi.ts";
import { createRouter, operation } from "../http/router.ts";
import { idParam, inquiry, inquiryListQuery, inquiryPage } from "./schema.ts";
import { getInquiry, pageOfInquiries } from "./service.ts";

const list = operation(
  {
    method: "get",
    path: "/inquiries",
    operationId: "listInquiries",
    tags: ["Inquiries"],
    summary: "List inquiries, newest first",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "read")] as const,
    request: { query: inquiryListQuery },
    responses: {
      200: json(inquiryPage, "One page."),
      ...problems(
        ...SECURED,
        "not_acceptable",
        "invalid_cursor",
        "validation_failed",
        "database_unavailable",
      ),
    },
  },
  async (c) =>
    c.json(await pageOfInquiries(c.var.deps, c.var.principal, c.req.valid("query")), 200),
);

const get = operation(
  {
    method: "get",
    path: "/inquiries/{id}",
    operationId: "getInquiry",
    tags: ["Inquiries"],
    summary: "One inquiry",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "read")] as const,
    request: { params: idParam },
    responses: {
      200: json(inquiry, "The inquiry.", {
        ETag: { schema: { type: "string" }, description: '`"v<version>"`.' },
      }),
      ...problems(
        ...SECURED,
        "not_acceptable",
        "malformed_id",
        "inquiry_not_found",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const found = await getInquiry(c.var.deps, c.var.principal, c.req.valid("param").id);
    c.header("etag", `"v${found.version}"`);
    return c.json(found, 200);
  },
);

export const inquiryRoutes = createRouter().openapiRoutes([list, get] as const);
