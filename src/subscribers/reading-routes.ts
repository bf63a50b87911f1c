import { etagOf } from "../http/etag.ts";
import { EXPORT_RULES, exportAnswer, exportFile } from "../http/export.ts";
import { activityQuery, deletedQuery } from "../http/list-query.ts";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import { bearer, etagHeader, json, problems, SECURED } from "../http/openapi.ts";
import { operation } from "../http/router.ts";
import { statisticsQuery } from "../http/statistics-query.ts";
import { idParam } from "../http/values.ts";
import { subscriberActivityPage } from "./desk-schema.ts";
import { subscriberExportQuery, subscriberListQuery, subscriberPage } from "./list-schema.ts";
import {
  getSubscriber,
  pageOfActivity,
  pageOfSubscribers,
  pagesOfSubscribers,
  SUBSCRIBER_COLUMNS_OF_EXPORT,
} from "./service.ts";
import { countSubscribers, subscriberStatistics as statisticsOf } from "./statistics.ts";
import { subscriberCounts, subscriberStatistics } from "./statistics-schema.ts";
import { subscriber } from "./subscriber-schema.ts";

export const list = operation(
  {
    method: "get",
    path: "/subscribers",
    operationId: "listSubscribers",
    tags: ["Subscribers"],
    summary: "List and search subscribers",
    description:
      "What was deleted is only shown with `deleted=true`, to those who may delete. No answer but the mailing list holds a link to unsubscribe.",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "read")] as const,
    request: { query: subscriberListQuery },
    responses: {
      200: json(subscriberPage, "One page."),
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
    c.json(await pageOfSubscribers(c.var.deps, c.var.principal, c.req.valid("query")), 200),
);

export const count = operation(
  {
    method: "get",
    path: "/subscribers/count",
    operationId: "countSubscribers",
    tags: ["Subscribers"],
    summary: "How many subscribers have each status",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "read")] as const,
    responses: {
      200: json(subscriberCounts, "The counts of this moment."),
      ...problems(...SECURED, "not_acceptable", "database_unavailable"),
    },
  },
  async (c) => c.json(await countSubscribers(c.var.deps), 200),
);

export const statistics = operation(
  {
    method: "get",
    path: "/subscribers/statistics",
    operationId: "subscriberStatistics",
    tags: ["Subscribers"],
    summary: "Who joined and left over time, and how many there were",
    description:
      "Exact, by the time at which it happened; an imported subscriber joined when the file says so. Days, weeks (from Monday) and months are those of the time zone, as long as its clock makes them.",
    security: bearer,
    middleware: [authenticate(), authorize("statistics", "read")] as const,
    request: { query: statisticsQuery },
    responses: {
      200: json(subscriberStatistics, "The statistics of this moment."),
      ...problems(...SECURED, "not_acceptable", "validation_failed", "database_unavailable"),
    },
  },
  async (c) => c.json(await statisticsOf(c.var.deps, c.req.valid("query")), 200),
);

export const exportAll = operation(
  {
    method: "get",
    path: "/subscribers/export",
    operationId: "exportSubscribers",
    tags: ["Subscribers"],
    summary: "All subscribers as a file",
    description: `The filters of the list, every status when none is named, without pages and without links to unsubscribe. ${EXPORT_RULES}`,
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "export")] as const,
    request: { query: subscriberExportQuery },
    responses: {
      200: exportAnswer({
        csv: "id,status,email,name\r\n249870643200008192,ACTIVE,ada@example.com,Ada Byron\r\n",
        ndjson: '{"id":"249870643200008192","status":"ACTIVE","email":"ada@example.com"}\n',
      }),
      ...problems(...SECURED, "validation_failed", "not_acceptable", "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const { format, ...filters } = c.req.valid("query");
    const nextPage = await pagesOfSubscribers(deps, principal, filters);
    return exportFile(c, {
      name: "subscribers",
      format,
      columns: SUBSCRIBER_COLUMNS_OF_EXPORT,
      nextPage,
    });
  },
);

export const get = operation(
  {
    method: "get",
    path: "/subscribers/{id}",
    operationId: "getSubscriber",
    tags: ["Subscribers"],
    summary: "One subscriber",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "read")] as const,
    request: { params: idParam, query: deletedQuery },
    responses: {
      200: json(subscriber, "The subscriber.", etagHeader),
      ...problems(
        ...SECURED,
        "not_acceptable",
        "malformed_id",
        "subscriber_not_found",
        "validation_failed",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const { id } = c.req.valid("param");
    const found = await getSubscriber(deps, principal, id, c.req.valid("query"));
    c.header("etag", etagOf(found.version));
    return c.json(found, 200);
  },
);

export const trail = operation(
  {
    method: "get",
    path: "/subscribers/{id}/activity",
    operationId: "listSubscriberActivity",
    tags: ["Subscribers"],
    summary: "When a subscriber joined and left, and who changed what, newest first",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "read")] as const,
    request: { params: idParam, query: activityQuery },
    responses: {
      200: json(subscriberActivityPage, "One page."),
      ...problems(
        ...SECURED,
        "not_acceptable",
        "malformed_id",
        "subscriber_not_found",
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
