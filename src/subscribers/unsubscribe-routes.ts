import type { Context } from "hono";
import { json, problems, requestIdHeader } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { type AppEnv, createRouter, operation, validationProblem } from "../http/router.ts";
import { readSubmissionBody, type SubmissionBody, wantsPage } from "../http/submission-body.ts";
import { leavePage, leaveProblemPage, leavingPage, leftPage } from "./pages.ts";
import { unsubscribe } from "./unsubscribe.ts";
import {
  oneClick,
  tokenQuery,
  unsubscribed,
  unsubscribeQueued,
  unsubscription,
} from "./unsubscribe-schema.ts";
import { readUnsubscribeToken } from "./unsubscribe-token.ts";

const html = { "text/html": { schema: { type: "string" as const } } };
const schema = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });

const show = operation(
  {
    method: "get",
    path: "/subscribers/unsubscribe",
    operationId: "showUnsubscribe",
    tags: ["Public"],
    summary: "The page behind a link in a mail",
    description:
      "Changes nothing, however often it is asked: scanners follow every link. Its one button posts.",
    request: { query: tokenQuery },
    responses: {
      200: { description: "A page with a button.", headers: requestIdHeader, content: html },
      ...problems("invalid_token", "not_acceptable"),
    },
  },
  async (c) => {
    showProblemsAsPage(c);
    const { token } = c.req.valid("query");
    const genuine = await readUnsubscribeToken(c.var.deps.signer, token);
    if (genuine === undefined) throw new Problem("invalid_token");
    return leavePage();
  },
);

const leave = operation(
  {
    method: "post",
    path: "/subscribers/unsubscribe",
    operationId: "unsubscribe",
    tags: ["Public"],
    summary: "Leave the newsletter",
    description:
      "With the token as JSON, or in one click as mailbox providers do (RFC 8058): the token in the address, the body `List-Unsubscribe=One-Click` in either form encoding. As often as one likes; never a redirect, no cookie, no limit. A token that was tampered with, is another's or was replaced by a new subscription is answered alike.",
    request: {
      query: tokenQuery,
      body: {
        required: true,
        content: {
          "application/json": schema("Unsubscription"),
          "application/x-www-form-urlencoded": schema("OneClickUnsubscription"),
          "multipart/form-data": schema("OneClickUnsubscription"),
        },
      },
    },
    responses: {
      200: withPage(json(unsubscribed, "It is so, now or since before.")),
      202: withPage(
        json(unsubscribeQueued, "Safe on disk; stored as soon as the database is back."),
      ),
      ...problems(
        "malformed_json",
        "malformed_body",
        "invalid_token",
        "body_too_large",
        "unsupported_media_type",
        "validation_failed",
        "intake_unavailable",
      ),
    },
  },
  async (c) => {
    const body = await readSubmissionBody(c);
    const browser = body.kind === "form" && wantsPage(c);
    if (browser) showProblemsAsPage(c);
    const status = await unsubscribe(c.var.deps, tokenOf(body, c.req.valid("query").token));
    if (browser) return status === "QUEUED" ? leavingPage() : leftPage();
    return status === "QUEUED" ? c.json({ status }, 202) : c.json({ status }, 200);
  },
);

/** The same answer, for a program and for a browser. */
function withPage<A extends { content: object }>(answer: A) {
  return { ...answer, content: { ...answer.content, ...html } };
}

function showProblemsAsPage(c: Context<AppEnv>): void {
  if (wantsPage(c)) c.set("problemPage", (each) => leaveProblemPage(each, c.var.requestId));
}

/** @throws {Problem} `validation_failed` when a form does not say what it is for */
function tokenOf(body: SubmissionBody, inAddress: string): string {
  if (body.kind === "form") {
    // A line end behind it, as some programs send it, must not keep anybody subscribed.
    const fields = [...body.fields].map(([name, value]) => [name, value.trim()]);
    const parsed = oneClick.safeParse(Object.fromEntries(fields), { reportInput: true });
    if (!parsed.success) throw validationProblem(parsed.error);
    return inAddress;
  }
  const parsed = unsubscription.safeParse(body.value);
  return parsed.success ? parsed.data.token : "";
}

export const unsubscribeRoutes = createRouter().openapiRoutes([show, leave] as const);
unsubscribeRoutes.openAPIRegistry.register("Unsubscription", unsubscription);
unsubscribeRoutes.openAPIRegistry.register("OneClickUnsubscription", oneClick);
