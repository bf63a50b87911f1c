import type { z } from "@hono/zod-openapi";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import { bearer, json, problems, requestIdHeader, SECURED } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { createRouter, operation } from "../http/router.ts";
import { COMMANDS } from "./commands.ts";
import { setAsideList, setAsideListQuery, setAsideParam, setAsideWrite } from "./schema.ts";
import type { SetAsideId } from "./spool-client.ts";
import type { SetAsideRow } from "./spool-store.ts";

const list = operation(
  {
    method: "get",
    path: "/spool/set-aside",
    operationId: "listSetAside",
    tags: ["Operations"],
    summary: "Writes that were accepted and that Postgres refuses, oldest first",
    description: "There should be none. Retry or discard those that are shown to see more.",
    security: bearer,
    middleware: [authenticate(), authorize("spool", "read")] as const,
    request: { query: setAsideListQuery },
    responses: {
      200: json(setAsideList, "The oldest ones."),
      ...problems(...SECURED, "not_acceptable", "validation_failed"),
    },
  },
  async (c) => {
    const rows = await c.var.deps.spool.setAside(c.req.valid("query").limit);
    return c.json({ data: rows.map(toWire) }, 200);
  },
);

const get = operation(
  {
    method: "get",
    path: "/spool/set-aside/{id}",
    operationId: "getSetAside",
    tags: ["Operations"],
    summary: "One write that was set aside",
    security: bearer,
    middleware: [authenticate(), authorize("spool", "read")] as const,
    request: { params: setAsideParam },
    responses: {
      200: json(setAsideWrite, "The write."),
      ...problems(...SECURED, "not_acceptable", "malformed_id", "set_aside_not_found"),
    },
  },
  async (c) => {
    const row = await c.var.deps.spool.findSetAside(idOf(c.req.valid("param")));
    if (row === undefined) throw new Problem("set_aside_not_found");
    return c.json(toWire(row), 200);
  },
);

const retry = operation(
  {
    method: "post",
    path: "/spool/set-aside/{id}/retry",
    operationId: "retrySetAside",
    tags: ["Operations"],
    summary: "Put a write back in line",
    description: "It is set aside again if Postgres still refuses it.",
    security: bearer,
    middleware: [authenticate(), authorize("spool", "retry")] as const,
    request: { params: setAsideParam },
    responses: {
      204: { description: "In line.", headers: requestIdHeader },
      ...problems(...SECURED, "malformed_id", "set_aside_not_found"),
    },
  },
  async (c) => {
    const found = await c.var.deps.spool.retry(idOf(c.req.valid("param")));
    if (!found) throw new Problem("set_aside_not_found");
    const { id: row } = c.req.valid("param");
    c.var.log.info("set-aside write retried", { row, subject: c.var.principal.subject });
    return c.body(null, 204);
  },
);

const discard = operation(
  {
    method: "delete",
    path: "/spool/set-aside/{id}",
    operationId: "discardSetAside",
    tags: ["Operations"],
    summary: "Forget a write for good",
    security: bearer,
    middleware: [authenticate(), authorize("spool", "discard")] as const,
    request: { params: setAsideParam },
    responses: {
      204: { description: "Forgotten.", headers: requestIdHeader },
      ...problems(...SECURED, "malformed_id", "set_aside_not_found"),
    },
  },
  async (c) => {
    const found = await c.var.deps.spool.discard(idOf(c.req.valid("param")));
    if (!found) throw new Problem("set_aside_not_found");
    const { id: row } = c.req.valid("param");
    c.var.log.info("set-aside write discarded", { row, subject: c.var.principal.subject });
    return c.body(null, 204);
  },
);

function idOf({ id }: z.output<typeof setAsideParam>): SetAsideId {
  const [shard = "", number = ""] = id.split("-");
  return { shard, number: Number(number) };
}

function toWire(row: SetAsideRow & SetAsideId): z.output<typeof setAsideWrite> {
  const { shard, number, command, version, key, reason, acceptedAt, setAsideAt, payload } = row;
  return {
    id: `${shard}-${number}`,
    command,
    version,
    receipt: key,
    reason,
    acceptedAt: new Date(acceptedAt).toISOString(),
    setAsideAt: new Date(setAsideAt).toISOString(),
    payload: withoutHidden(command, JSON.parse(payload) as Record<string, unknown>),
  };
}

function withoutHidden(name: string, payload: Record<string, unknown>): Record<string, unknown> {
  const hidden = COMMANDS.find((each) => each.name === name)?.hidden ?? [];
  return Object.fromEntries(Object.entries(payload).filter(([field]) => !hidden.includes(field)));
}

export const spoolRoutes = createRouter().openapiRoutes([list, get, retry, discard] as const);
