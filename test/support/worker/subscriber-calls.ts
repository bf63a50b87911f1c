import { as, postJson } from "./app.ts";
import { type Call, GUARDED, READING, TAKING_JSON, withToken } from "./calls.ts";
import { patchJson, send } from "./desk.ts";
import { aDeletedSubscriber, aSubscriber, aSubscription, importFile } from "./subscribers.ts";

const stale = { "if-match": '"v99"' };
const enterTwice: Call = async () => {
  const { email } = await aSubscriber();
  return postJson("/subscribers", { email }, as("employee"));
};

/** What makes the desk's operations on subscribers answer with each status that they document. */
export const SUBSCRIBER_CALLS: Readonly<Record<string, Readonly<Record<number, readonly Call[]>>>> =
  {
    countSubscribers: { ...READING, 200: [withToken("employee")] },
    subscriberStatistics: {
      ...READING,
      200: [withToken("owner", "?bucket=day&timeZone=Europe/Berlin")],
      422: [withToken("owner", "?timeZone=Moon/Base")],
    },
    exportSubscribers: {
      ...READING,
      200: [withToken("owner", "?format=ndjson"), withToken("owner", "?format=csv")],
      422: [withToken("owner", "?format=pdf")],
    },
    listMailing: {
      ...READING,
      200: [withToken("owner", "?format=ndjson"), withToken("owner", "?format=csv")],
      422: [withToken("owner", "?format=pdf")],
    },
    importSubscribers: {
      ...GUARDED,
      200: [
        async () => importFile(`email\n${aSubscription().email}\nnobody\n`),
        async () => importFile(JSON.stringify(aSubscription()), { type: "application/x-ndjson" }),
        () => importFile("email\na@b.c", { query: "?dryRun=true" }),
      ],
      400: [() => importFile("name\nAda\n")],
      413: [() => importFile("email\n", { "content-length": String(2 ** 30) })],
      415: [() => importFile("email", { type: "text/plain" })],
      422: [() => importFile("email\n", { query: "?dryRun=perhaps" })],
    },
    listSubscribers: {
      ...READING,
      200: [withToken("owner", "?limit=1"), withToken("employee", "?status=ACTIVE&q=ada")],
      400: [withToken("owner", "?cursor=forged")],
      422: [withToken("owner", "?limit=0")],
    },
    createSubscriber: {
      ...GUARDED,
      ...TAKING_JSON,
      201: [() => postJson("/subscribers", aSubscription({ name: "Ada" }), as("employee"))],
      409: [enterTwice],
    },
    getSubscriber: {
      ...READING,
      200: [async () => send("GET", `/subscribers/${(await aSubscriber()).id}`)],
      400: [() => send("GET", "/subscribers/abc")],
      404: [() => send("GET", "/subscribers/1")],
      422: [() => send("GET", "/subscribers/1?deleted=perhaps")],
    },
    patchSubscriber: {
      ...GUARDED,
      ...TAKING_JSON,
      200: [async () => patchJson(`/subscribers/${(await aSubscriber()).id}`, { name: "Ada" })],
      404: [() => patchJson("/subscribers/1", { name: "Ada" })],
      409: [
        async () => {
          const { email } = await aSubscriber();
          return patchJson(`/subscribers/${(await aSubscriber()).id}`, { email });
        },
      ],
      412: [
        async () =>
          patchJson(`/subscribers/${(await aSubscriber()).id}`, { name: "Ada" }, "employee", stale),
      ],
    },
    deleteSubscriber: {
      ...GUARDED,
      204: [async () => send("DELETE", `/subscribers/${(await aSubscriber()).id}`)],
      400: [() => send("DELETE", "/subscribers/abc")],
      404: [() => send("DELETE", "/subscribers/1")],
      412: [async () => send("DELETE", `/subscribers/${(await aSubscriber()).id}`, "owner", stale)],
    },
    restoreSubscriber: {
      ...GUARDED,
      200: [async () => send("POST", `/subscribers/${(await aDeletedSubscriber()).id}/restore`)],
      400: [() => send("POST", "/subscribers/abc/restore")],
      404: [() => send("POST", "/subscribers/1/restore")],
      409: [
        async () => {
          const { id, email } = await aSubscriber();
          await postJson("/privacy/erase", { email }, as("owner"));
          return send("POST", `/subscribers/${id}/restore`);
        },
      ],
      412: [
        async () =>
          send("POST", `/subscribers/${(await aDeletedSubscriber()).id}/restore`, "owner", stale),
      ],
    },
    listSubscriberActivity: {
      ...READING,
      200: [async () => send("GET", `/subscribers/${(await aSubscriber()).id}/activity`)],
      400: [() => send("GET", "/subscribers/abc/activity")],
      404: [() => send("GET", "/subscribers/1/activity")],
      422: [() => send("GET", "/subscribers/1/activity?limit=0")],
    },
  };
