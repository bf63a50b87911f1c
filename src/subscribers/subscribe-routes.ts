import { emailKey } from "../db/email-key.ts";
import { countRefusals } from "../http/middleware/count-refusals.ts";
import { rateLimit } from "../http/middleware/rate-limit.ts";
import {
  idempotencyKeyParameter,
  json,
  problems,
  RATE_LIMIT_HEADERS,
  replayedHeader,
} from "../http/openapi.ts";
import { createRouter, operation } from "../http/router.ts";
import {
  answerForm,
  formAnswers,
  judgePublicWrite,
  PUBLIC_WRITE_PROBLEMS,
  publicWriteBody,
  readPublicWrite,
  refuseOtherMethods,
} from "../intake/public-write.ts";
import { atQuantum } from "../intake/quantum.ts";
import { spamFieldSchemas } from "../intake/spam-fields.ts";
import { subscriptionOfForm } from "./form.ts";
import { SIGN_UP_FORM, thankYouPage } from "./pages.ts";
import { subscribe } from "./subscribe.ts";
import { newSubscription, subscriptionAccepted } from "./subscribe-schema.ts";

/** More than storing takes nearly always, less than a person notices (ADR-0001). */
const QUANTUM_MS = 100;

/** What the document shows: the sign-up with the fields that the spam gate takes out of it. */
const newSubscriptionBody = newSubscription.extend(spamFieldSchemas).openapi("NewSubscriptionBody");

const subscribeRoute = operation(
  {
    method: "post",
    path: "/subscribers/subscribe",
    operationId: "subscribe",
    tags: ["Public"],
    summary: "Sign up for the newsletter",
    description:
      "The answer is the same for every address, also in time: new, active, returning or held back as spam. An address that had left becomes active again, and links in mails from before stop working. JSON, or an HTML form as it is: fields `email`, `name`, `source`, `locale`, `consent` (the wording; a checkbox has it as its value) and `page` (where it was agreed to); others are ignored. A form post that accepts `text/html` is answered with 303 to the field `_redirect` if its origin is allowed, otherwise with a page. The same `Idempotency-Key` again does nothing. Limits are counted for each client and for each address, once a body is valid.",
    middleware: [countRefusals("outreach_subscriptions_total"), rateLimit("subscribe")] as const,
    parameters: [idempotencyKeyParameter],
    request: { body: publicWriteBody("NewSubscriptionBody") },
    responses: {
      202: json(subscriptionAccepted, "Accepted: stored, or safe on disk until it is.", {
        ...replayedHeader,
        ...RATE_LIMIT_HEADERS,
      }),
      ...formAnswers(RATE_LIMIT_HEADERS),
      ...problems(...PUBLIC_WRITE_PROBLEMS),
    },
  },
  async (c) => {
    const write = await readPublicWrite(c, {
      schema: newSubscription,
      ofForm: subscriptionOfForm,
      correction: SIGN_UP_FORM,
    });
    const { email, name } = write.data;
    const spamReasons = await judgePublicWrite(
      c,
      write,
      { name, email, texts: [] },
      { email: emailKey(email) },
    );
    const { idempotencyKey, form } = write;
    const { replayed } = await atQuantum(
      QUANTUM_MS,
      subscribe(c.var.deps, write.data, { idempotencyKey, spamReasons }),
    );
    if (replayed) c.header("idempotency-replayed", "true");
    if (form) return answerForm(c, form, thankYouPage);
    return c.json({ status: "ACCEPTED" as const }, 202);
  },
);

export const subscribeRoutes = createRouter().openapiRoutes([subscribeRoute] as const);
subscribeRoutes.all("/subscribers/subscribe", refuseOtherMethods);
subscribeRoutes.openAPIRegistry.register("NewSubscriptionBody", newSubscriptionBody);
