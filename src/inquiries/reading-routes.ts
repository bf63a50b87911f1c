import { etagOf } from "../http/etag.ts";
import { EXPORT_RULES, exportAnswer, exportFile } from "../http/export.ts";
import { deletedQuery } from "../http/list-query.ts";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import { bearer, etagHeader, json, problems, SECURED } from "../http/openapi.ts";
import { operation } from "../http/router.ts";
import { statisticsQuery } from "../http/statistics-query.ts";
import { idParam } from "../http/values.ts";
import { INQUIRY_COLUMNS, pagesOfInquiries } from "./export.ts";
import { inquiryExportQuery, inquiryListQuery, inquiryPage } from "./list-schema.ts";
import { inquiry } from "./schema.ts";
import { getInquiry, pageOfInquiries } from "./service.ts";
import { countInquiries, inquiryStatistics as statisticsOf } from "./statistics.ts";
import { inquiryCounts, inquiryStatistics } from "./statistics-schema.ts";

const CSV_EXAMPLE =
  "id,status,submittedAt,name\r\n249870643200008192,NEW,2026-11-22T09:30:00.000Z,Ada Byron\r\n";
const NDJSON_EXAMPLE = '{"id":"249870643200008192","status":"NEW","name":"Ada Byron"}\n';

export const list = operation(
  {
    method: "get",
    path: "/inquiries",
    operationId: "listInquiries",
    tags: ["Inquiries"],
    summary: "List and search inquiries",
    description:
      "E-mail addresses, phone numbers and metadata are masked for those without `contact`. What was deleted is only shown with `deleted=true`, to those who may delete.",
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

export const count = operation(
  {
    method: "get",
    path: "/inquiries/count",
    operationId: "countInquiries",
    tags: ["Inquiries"],
    summary: "How many inquiries have each status",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "read")] as const,
    responses: {
      200: json(inquiryCounts, "The counts of this moment."),
      ...problems(...SECURED, "not_acceptable", "database_unavailable"),
    },
  },
  async (c) => c.json(await countInquiries(c.var.deps), 200),
);

export const statistics = operation(
  {
    method: "get",
    path: "/inquiries/statistics",
    operationId: "inquiryStatistics",
    tags: ["Inquiries"],
    summary: "What came in over time",
    description:
      "By the time of submission. Days, weeks (from Monday) and months are those of the time zone, as long as its clock makes them.",
    security: bearer,
    middleware: [authenticate(), authorize("statistics", "read")] as const,
    request: { query: statisticsQuery },
    responses: {
      200: json(inquiryStatistics, "The statistics of this moment."),
      ...problems(...SECURED, "not_acceptable", "validation_failed", "database_unavailable"),
    },
  },
  async (c) => c.json(await statisticsOf(c.var.deps, c.req.valid("query")), 200),
);

export const exportAll = operation(
  {
    method: "get",
    path: "/inquiries/export",
    operationId: "exportInquiries",
    tags: ["Inquiries"],
    summary: "All inquiries as a file",
    description: `The filters of the list, every status when none is named, without pages. ${EXPORT_RULES}`,
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "export")] as const,
    request: { query: inquiryExportQuery },
    responses: {
      200: exportAnswer({ csv: CSV_EXAMPLE, ndjson: NDJSON_EXAMPLE }),
      ...problems(...SECURED, "validation_failed", "not_acceptable", "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const { format, ...filters } = c.req.valid("query");
    const nextPage = await pagesOfInquiries(deps, principal, filters);
    return exportFile(c, { name: "inquiries", format, columns: INQUIRY_COLUMNS, nextPage });
  },
);

export const get = operation(
  {
    method: "get",
    path: "/inquiries/{id}",
    operationId: "getInquiry",
    tags: ["Inquiries"],
    summary: "One inquiry",
    security: bearer,
    middleware: [authenticate(), authorize("inquiry", "read")] as const,
    request: { params: idParam, query: deletedQuery },
    responses: {
      200: json(inquiry, "The inquiry.", etagHeader),
      ...problems(
        ...SECURED,
        "not_acceptable",
        "malformed_id",
        "inquiry_not_found",
        "validation_failed",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const { id } = c.req.valid("param");
    const found = await getInquiry(deps, principal, id, c.req.valid("query"));
    c.header("etag", etagOf(found.version));
    return c.json(found, 200);
  },
);
