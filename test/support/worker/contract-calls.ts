import { as, call, postForm, postJson } from "./app.ts";
import {
  type Call,
  forAnImage,
  GUARDED,
  misconfigured,
  READING,
  TAKING_JSON,
  withoutToken,
  withToken,
} from "./calls.ts";
import { aDeletedInquiry, anInquiry, patchJson, send } from "./desk.ts";
import { aForm, anAddress, aSubmission, storeInquiry } from "./factories.ts";
import { appWithMetrics, METRICS_TOKEN } from "./metrics.ts";
import { appWith } from "./own-app.ts";
import { knock } from "./sockets.ts";
import { aSetAsideWrite, databaseAway } from "./spool.ts";
import { SUBSCRIBER_CALLS } from "./subscriber-calls.ts";
import { anActiveSubscriber, aSubscription, tokenOf } from "./subscribers.ts";

const withMetrics = (token: string) => () =>
  appWithMetrics().call("//metrics", { headers: { authorization: `Bearer ${token}` } });

const submit = "/inquiries/submit";
const replayed = async () => {
  const submission = aSubmission();
  await postJson(submit, submission);
  return postJson(submit, submission);
};
const reusedKey = async () => {
  const key = { "idempotency-key": crypto.randomUUID() };
  await postJson(submit, aSubmission(), key);
  return postJson(submit, aSubmission(), key);
};

const tooOften = (path: string, body: () => object) => async () => {
  const headers = { "cf-connecting-ip": anAddress() };
  for (let sent = 0; sent < 10; sent += 1) {
    const answer = await postJson(path, body(), headers);
    if (answer.status === 429) return answer;
  }
  throw new Error("nobody was refused");
};

const subscribe = "/subscribers/subscribe";
const unsubscribe = "/subscribers/unsubscribe";
const linkOf = async () => `${unsubscribe}?token=${await tokenOf(await anActiveSubscriber())}`;
type Ask = typeof call;
const json = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const asJson = (link: string, ask: Ask = call) =>
  ask(unsubscribe, json({ token: link.split("=")[1] }));
const oneClick = (link: string, ask: Ask = call) =>
  ask(link, {
    method: "POST",
    headers: { accept: "text/html" },
    body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
  });

/** While the database is away, in an isolate of its own: its breaker is nobody else's. */
async function whileAway<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const { comesBack } = databaseAway();
  const app = appWith();
  const address = anAddress();
  try {
    return await work((path, init = {}) =>
      app.call(path, { ...init, headers: { ...init.headers, "cf-connecting-ip": address } }),
    );
  } finally {
    comesBack();
  }
}
const queuedLeave = (leave: typeof asJson) => async () => {
  const link = await linkOf();
  return whileAway((ask) => leave(link, ask));
};

/** New and repeated: both are accepted, and neither can be stored yet. */
const queued = () =>
  whileAway(async (ask) => {
    const submission = json(aSubmission());
    return [await ask(submit, submission), await ask(submit, submission)] as const;
  });
const ofSetAside =
  (method: string, action = ""): Call =>
  async () =>
    send(method, `/spool/set-aside/${(await aSetAsideWrite()).id}${action}`);

/** For every operation, what makes it answer with each status that it documents. */
export const CALLS: Readonly<Record<string, Readonly<Record<number, readonly Call[]>>>> = {
  healthz: { 200: [() => call("//healthz")] },
  readyz: { 200: [() => call("//readyz")], 503: [misconfigured] },
  metrics: {
    200: [withMetrics(METRICS_TOKEN)],
    401: [() => appWithMetrics().call("//metrics"), withMetrics("wrong")],
    404: [() => call("//metrics")],
    503: [misconfigured],
  },
  submitInquiry: {
    200: [() => postForm(submit, aForm())],
    201: [
      () => postJson(submit, aSubmission({ metadata: { a: "b" } })),
      () => postForm(submit, aForm(), { accept: "*/*" }),
      replayed,
    ],
    202: [async () => (await queued())[0], async () => (await queued())[1]],
    303: [() => postForm(submit, aForm({ _redirect: "https://www.shop.test/thanks" }))],
    400: [
      () => postJson(submit, "{"),
      () => postJson(submit, aSubmission(), { "idempotency-key": "a b" }),
    ],
    413: [() => postJson(submit, " ".repeat(70_000))],
    415: [() => call(submit, { method: "POST", body: "name=Ada" })],
    422: [() => postJson(submit, {}), reusedKey],
    429: [tooOften(submit, aSubmission)],
    503: [misconfigured],
  },
  subscribe: {
    200: [() => postForm(subscribe, { email: aSubscription().email })],
    202: [
      () => postJson(subscribe, aSubscription({ consent: { wording: "Write to me." } })),
      async () => {
        const [body, key] = [aSubscription(), { "idempotency-key": crypto.randomUUID() }];
        await postJson(subscribe, body, key);
        return postJson(subscribe, body, key);
      },
    ],
    303: [
      () =>
        postForm(subscribe, {
          email: aSubscription().email,
          _redirect: "https://www.shop.test/thanks",
        }),
    ],
    400: [
      () => postJson(subscribe, "{"),
      () => postJson(subscribe, aSubscription(), { "idempotency-key": "a b" }),
    ],
    413: [() => postJson(subscribe, " ".repeat(70_000))],
    415: [() => call(subscribe, { method: "POST", body: "email=ada@example.com" })],
    422: [() => postJson(subscribe, {})],
    429: [tooOften(subscribe, aSubscription)],
    503: [misconfigured],
  },
  showUnsubscribe: {
    200: [async () => call(await linkOf())],
    400: [() => call(unsubscribe)],
    406: [() => call(unsubscribe, { headers: { accept: "image/png" } })],
    503: [misconfigured],
  },
  unsubscribe: {
    200: [async () => asJson(await linkOf()), async () => oneClick(await linkOf())],
    202: [queuedLeave(asJson), queuedLeave(oneClick)],
    400: [() => postJson(unsubscribe, { token: "1" }), () => postJson(unsubscribe, "{")],
    413: [() => postJson(unsubscribe, " ".repeat(70_000))],
    415: [() => call(unsubscribe, { method: "POST", body: "a" })],
    422: [() => postForm(unsubscribe, {}, { accept: "*/*" })],
    503: [misconfigured],
  },
  countInquiries: { ...READING, 200: [withToken("employee")] },
  inquiryStatistics: {
    ...READING,
    200: [withToken("owner", "?bucket=day&timeZone=Europe/Berlin")],
    422: [withToken("owner", "?timeZone=Moon/Base")],
  },
  exportInquiries: {
    ...READING,
    200: [withToken("owner", "?format=ndjson"), withToken("owner", "?format=csv")],
    422: [withToken("owner", "?format=pdf")],
  },
  listInquiries: {
    ...READING,
    200: [withToken("owner", "?limit=1"), withToken("cashier", "?status=NEW&status=RESOLVED")],
    400: [withToken("owner", "?cursor=forged")],
    401: [withoutToken, withToken("foreign")],
    422: [withToken("owner", "?limit=0")],
  },
  createInquiry: {
    ...GUARDED,
    ...TAKING_JSON,
    201: [
      async () => {
        const [submission, headers] = [
          aSubmission(),
          { ...as("employee"), "idempotency-key": crypto.randomUUID() },
        ];
        await postJson("/inquiries", submission, headers);
        return postJson("/inquiries", submission, headers);
      },
    ],
  },
  triageInquiries: {
    ...GUARDED,
    ...TAKING_JSON,
    200: [
      async () => {
        const { id } = await anInquiry();
        return patchJson("/inquiries", { ids: [id, "1"], status: "IN_PROGRESS" });
      },
    ],
  },
  getInquiry: {
    ...READING,
    200: [
      async () => call(`/inquiries/${await storeInquiry()}`, { headers: as("owner") }),
      async () =>
        call(`/inquiries/${await storeInquiry({ phone: "1", firstHandledAt: new Date() })}`, {
          headers: as("cashier"),
        }),
    ],
    400: [() => send("GET", "/inquiries/abc")],
    401: [withoutToken, withToken("expired")],
    404: [() => send("GET", "/inquiries/1")],
    422: [() => send("GET", "/inquiries/1?deleted=perhaps")],
  },
  patchInquiry: {
    ...GUARDED,
    ...TAKING_JSON,
    200: [async () => patchJson(`/inquiries/${(await anInquiry()).id}`, { subject: "Hours" })],
    404: [() => patchJson("/inquiries/1", { subject: "Hours" })],
    409: [
      async () => {
        const { id } = await anInquiry();
        return patchJson(`/inquiries/${id}`, { status: "RESOLVED" });
      },
    ],
    412: [
      async () =>
        patchJson(`/inquiries/${(await anInquiry()).id}`, { subject: "Hours" }, "employee", {
          "if-match": '"v99"',
        }),
    ],
  },
  deleteInquiry: {
    ...GUARDED,
    204: [async () => send("DELETE", `/inquiries/${(await anInquiry()).id}`)],
    400: [() => send("DELETE", "/inquiries/abc")],
    404: [() => send("DELETE", "/inquiries/1")],
    412: [
      async () =>
        send("DELETE", `/inquiries/${(await anInquiry()).id}`, "owner", { "if-match": '"v99"' }),
    ],
  },
  restoreInquiry: {
    ...GUARDED,
    200: [async () => send("POST", `/inquiries/${(await aDeletedInquiry()).id}/restore`)],
    400: [() => send("POST", "/inquiries/abc/restore")],
    404: [() => send("POST", "/inquiries/1/restore")],
    412: [
      async () =>
        send("POST", `/inquiries/${(await aDeletedInquiry()).id}/restore`, "owner", {
          "if-match": '"v99"',
        }),
    ],
  },
  listInquiryActivity: {
    ...READING,
    200: [async () => send("GET", `/inquiries/${(await anInquiry()).id}/activity`)],
    400: [() => send("GET", "/inquiries/abc/activity")],
    404: [() => send("GET", "/inquiries/1/activity")],
    422: [() => send("GET", "/inquiries/1/activity?limit=0")],
  },
  addInquiryNote: {
    ...GUARDED,
    ...TAKING_JSON,
    201: [
      async () => {
        const path = `/inquiries/${(await anInquiry()).id}/activity`;
        const headers = { ...as("employee"), "idempotency-key": crypto.randomUUID() };
        await postJson(path, { note: "Rang" }, headers);
        return postJson(path, { note: "Rang" }, headers);
      },
    ],
    404: [() => postJson("/inquiries/1/activity", { note: "Rang" }, as("employee"))],
  },
  ...SUBSCRIBER_CALLS,
  reportPersonalData: {
    ...GUARDED,
    ...TAKING_JSON,
    200: [() => postJson("/privacy/report", { email: aSubmission().email }, as("owner"))],
  },
  erasePersonalData: {
    ...GUARDED,
    ...TAKING_JSON,
    200: [() => postJson("/privacy/erase", { email: aSubmission().email }, as("owner"))],
  },
  getFormStamp: { 200: [withoutToken], 406: [forAnImage], 503: [misconfigured] },
  listSetAside: {
    ...READING,
    200: [withToken("owner")],
    422: [withToken("owner", "?limit=0")],
  },
  getSetAside: {
    ...READING,
    200: [ofSetAside("GET")],
    400: [() => send("GET", "/spool/set-aside/abc")],
    404: [() => send("GET", "/spool/set-aside/0-999999")],
  },
  retrySetAside: {
    ...GUARDED,
    204: [ofSetAside("POST", "/retry")],
    400: [() => send("POST", "/spool/set-aside/abc/retry")],
    404: [() => send("POST", "/spool/set-aside/0-999999/retry")],
  },
  discardSetAside: {
    ...GUARDED,
    204: [ofSetAside("DELETE")],
    400: [() => send("DELETE", "/spool/set-aside/abc")],
    404: [() => send("DELETE", "/spool/set-aside/0-999999")],
  },
  getMe: {
    200: [withToken("owner"), withToken("visitor")],
    401: [withoutToken, withToken("expired")],
    406: [forAnImage],
    503: [misconfigured],
  },
  observeRoom: {
    101: [
      () => knock("inquiries", { ...as("owner"), "sec-websocket-protocol": "outreach.v1" }),
      () => knock("inquiries", as("cashier")),
    ],
    400: [() => knock("inquiries?since=x", as("owner"))],
    401: [withoutToken],
    403: [
      () => knock("operations", as("cashier")),
      () => knock("inquiries", { ...as("owner"), origin: "https://evil.test" }),
    ],
    404: [() => knock("attic", as("owner"))],
    406: [forAnImage],
    426: [withToken("owner")],
    503: [misconfigured],
  },
};
