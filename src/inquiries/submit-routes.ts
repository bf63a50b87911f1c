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
import { spamFieldSchemas } from "../intake/spam-fields.ts";
import { submissionOfForm } from "./form.ts";
import { CONTACT_FORM, thankYouPage } from "./pages.ts";
import { inquirySubmission, submissionAccepted, submissionQueued } from "./schema.ts";
import { submitInquiry } from "./submit.ts";

/** What the document shows: the submission with the fields that the spam gate takes out of it. */
const inquirySubmissionBody = inquirySubmission
  .extend(spamFieldSchemas)
  .openapi("InquirySubmissionBody");

const submit = operation(
  {
    method: "post",
    path: "/inquiries/submit",
    operationId: "submitInquiry",
    tags: ["Public"],
    summary: "Send a message",
    description:
      "For a contact form anywhere on the web: JSON, or an HTML form as it is. In JSON an unknown field is refused; in a form it goes into `metadata`, up to 20 fields of 500 characters. A form post that accepts `text/html` is answered with 303 to the field `_redirect` if its origin is allowed, otherwise with a page; problems are a page too, with what was typed. The same submission within ten minutes, or with the same `Idempotency-Key`, is stored once. Limits are counted for each client (IPv4 address or IPv6 /64), once a body is valid. What looks like spam is answered like any other message and filed apart; no field tells.",
    middleware: [countRefusals("outreach_submissions_total"), rateLimit("submit")] as const,
    parameters: [idempotencyKeyParameter],
    request: { body: publicWriteBody("InquirySubmissionBody") },
    responses: {
      201: json(submissionAccepted, "Stored.", { ...replayedHeader, ...RATE_LIMIT_HEADERS }),
      202: json(
        submissionQueued,
        "Accepted and safe on disk; stored, and given its id, as soon as the database is back.",
        { ...replayedHeader, ...RATE_LIMIT_HEADERS },
      ),
      ...formAnswers(RATE_LIMIT_HEADERS),
      ...problems(...PUBLIC_WRITE_PROBLEMS),
    },
  },
  async (c) => {
    const { deps, client } = c.var;
    const write = await readPublicWrite(c, {
      schema: inquirySubmission,
      ofForm: submissionOfForm,
      correction: CONTACT_FORM,
    });
    const { name, email, subject, message, metadata } = write.data;
    const texts = [subject ?? "", message, ...Object.values(metadata ?? {})];
    const spamReasons = await judgePublicWrite(c, write, { name, email, texts });
    const { replayed, ...accepted } = await submitInquiry(deps, write.data, {
      idempotencyKey: write.idempotencyKey,
      country: c.req.header("cf-ipcountry"),
      clientAddress: client.key,
      spamReasons,
    });
    if (replayed) c.header("idempotency-replayed", "true");
    if (write.form) return answerForm(c, write.form, () => thankYouPage(accepted.receipt));
    return accepted.status === "NEW" ? c.json(accepted, 201) : c.json(accepted, 202);
  },
);

export const submissionRoutes = createRouter().openapiRoutes([submit] as const);
submissionRoutes.all("/inquiries/submit", refuseOtherMethods);
submissionRoutes.openAPIRegistry.register("InquirySubmissionBody", inquirySubmissionBody);
