import { as, call, postJson } from "./app.ts";
import { aDeletedInquiry, anInquiry, get, patchJson, send } from "./desk.ts";
import { aSubmission } from "./factories.ts";

type Call = () => Promise<Response>;
type Calls = Readonly<Record<string, Readonly<Record<number, readonly Call[]>>>>;

const NOWHERE = "/inquiries/1";
const STALE = { "if-match": '"v9"' };
const TOO_LONG = { "if-match": "x".repeat(1_001) };
const IMAGE = { accept: "image/png" };
const LARGE = " ".repeat(70_000);

const atNew = async () => `/inquiries/${(await anInquiry()).id}`;
const twice = async () => {
  const [entry, headers] = [aSubmission(), { "idempotency-key": crypto.randomUUID() }];
  await postJson("/inquiries", entry, { ...as("owner"), ...headers });
  return postJson("/inquiries", entry, { ...as("owner"), ...headers });
};
const otherwise = async () => {
  const headers = { ...as("owner"), "idempotency-key": crypto.randomUUID() };
  await postJson("/inquiries", aSubmission(), headers);
  return postJson("/inquiries", aSubmission(), headers);
};

/** What a reading operation answers to anybody. */
const reading = (path: string) => ({
  401: [() => call(path)],
  403: [() => get(path, "visitor")],
  406: [() => get(path, "owner", IMAGE)],
});

/** What an operation that takes JSON answers to anybody. */
const writing = (method: "POST" | "PATCH", path: string) => {
  const write = (body: string, type = "application/json", who: "owner" | "visitor" = "owner") =>
    call(path, { method, body, headers: { ...as(who), "content-type": type } });
  return {
    401: [() => call(path, { method })],
    403: [() => write("{}", "application/json", "visitor")],
    413: [() => write(LARGE)],
    415: [() => write("a=b", "application/x-www-form-urlencoded")],
    422: [() => write("[]")],
    malformed: () => write("{"),
  };
};

const without = <T extends { malformed: Call }>({ malformed, ...calls }: T) => calls;

/**
 * For every operation of the desk, what makes it answer with each status that it documents.
 * @param misconfigured asks the operation in a broken environment
 */
export function deskCalls<C extends (...args: never[]) => Promise<Response>>(misconfigured: C) {
  const create = writing("POST", "/inquiries");
  const triage = writing("PATCH", "/inquiries");
  const patch = writing("PATCH", NOWHERE);
  const add = writing("POST", `${NOWHERE}/activity`);
  const report = writing("POST", "/privacy/report");
  const erase = writing("POST", "/privacy/erase");
  const address = { email: "nobody.at.all@example.com" };
  const calls: Calls = {
    countInquiries: {
      200: [() => get("/inquiries/count", "cashier")],
      ...reading("/inquiries/count"),
    },
    inquiryStatistics: {
      200: [() => get("/inquiries/statistics?timeZone=Europe/Berlin&bucket=week")],
      ...reading("/inquiries/statistics"),
      422: [() => get("/inquiries/statistics?timeZone=Mars")],
    },
    exportInquiries: {
      200: [
        () => get("/inquiries/export?status=RESOLVED", "owner"),
        () => get("/inquiries/export?status=RESOLVED&format=ndjson", "owner"),
      ],
      ...reading("/inquiries/export"),
      422: [() => get("/inquiries/export?format=pdf", "owner")],
    },
    createInquiry: {
      201: [() => postJson("/inquiries", aSubmission(), as("owner")), twice],
      400: [create.malformed],
      ...without(create),
      422: [...create[422], otherwise],
    },
    triageInquiries: {
      200: [
        async () => {
          const { id } = await anInquiry();
          return patchJson("/inquiries", { ids: [id, "1"], status: "RESOLVED" });
        },
      ],
      400: [triage.malformed],
      ...without(triage),
    },
    patchInquiry: {
      200: [async () => patchJson(await atNew(), { status: "IN_PROGRESS" }, "cashier")],
      400: [patch.malformed, () => patchJson("/inquiries/abc", {})],
      404: [() => patchJson(NOWHERE, {})],
      409: [async () => patchJson(await atNew(), { status: "RESOLVED" })],
      412: [async () => patchJson(await atNew(), {}, "employee", STALE)],
      ...without(patch),
    },
    deleteInquiry: {
      204: [async () => send("DELETE", await atNew())],
      400: [() => send("DELETE", "/inquiries/abc")],
      401: [() => call(NOWHERE, { method: "DELETE" })],
      403: [() => send("DELETE", NOWHERE, "employee")],
      404: [() => send("DELETE", NOWHERE)],
      412: [async () => send("DELETE", await atNew(), "owner", STALE)],
      422: [() => send("DELETE", NOWHERE, "owner", TOO_LONG)],
    },
    restoreInquiry: {
      200: [async () => send("POST", `/inquiries/${(await aDeletedInquiry()).id}/restore`)],
      400: [() => send("POST", "/inquiries/abc/restore")],
      401: [() => call(`${NOWHERE}/restore`, { method: "POST" })],
      403: [() => send("POST", `${NOWHERE}/restore`, "employee")],
      404: [() => send("POST", `${NOWHERE}/restore`)],
      412: [async () => send("POST", `${await atNew()}/restore`, "owner", STALE)],
      422: [() => send("POST", `${NOWHERE}/restore`, "owner", TOO_LONG)],
    },
    listInquiryActivity: {
      200: [
        async () => {
          const at = await atNew();
          await patchJson(at, { status: "IN_PROGRESS", phone: "1" });
          await postJson(`${at}/activity`, { note: "Called" }, as("cashier"));
          return get(`${at}/activity`, "cashier");
        },
      ],
      ...reading(`${NOWHERE}/activity`),
      400: [() => get("/inquiries/abc/activity"), () => get(`${NOWHERE}/activity?cursor=a`)],
      404: [() => get(`${NOWHERE}/activity`)],
      422: [() => get(`${NOWHERE}/activity?limit=0`)],
    },
    addInquiryNote: {
      201: [async () => postJson(`${await atNew()}/activity`, { note: "Called" }, as("cashier"))],
      400: [add.malformed],
      404: [() => postJson(`${NOWHERE}/activity`, { note: "Called" }, as("owner"))],
      ...without(add),
    },
    reportPersonalData: {
      200: [
        () => postJson("/privacy/report", address, as("owner")),
        async () => postJson("/privacy/report", { email: (await anInquiry()).email }, as("owner")),
      ],
      400: [report.malformed],
      ...without(report),
    },
    erasePersonalData: {
      200: [() => postJson("/privacy/erase", address, as("owner"))],
      400: [erase.malformed],
      ...without(erase),
    },
  };
  return Object.fromEntries(
    Object.entries(calls).map(([name, ways]) => [name, { ...ways, 503: [misconfigured] }]),
  );
}
