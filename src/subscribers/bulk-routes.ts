import { EXPORT_RULES, exportAnswer, exportFile } from "../http/export.ts";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import { bearer, problems, requestIdHeader, SECURED } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { operation } from "../http/router.ts";
import { importSubscribers } from "./import.ts";
import {
  IMPORT_MAX_BYTES,
  IMPORT_MAX_ERRORS,
  IMPORT_MAX_LINES,
  importQuery,
} from "./import-schema.ts";
import { answerWhileWorking } from "./import-stream.ts";
import { mailingQuery } from "./list-schema.ts";
import { MAILING_COLUMNS, pagesOfRecipients } from "./mailing.ts";

const URL_EXAMPLE =
  "https://www.example.com/v1/api/outreach/subscribers/unsubscribe?token=2498…192.mB3s…bGg";

export const mailing = operation(
  {
    method: "get",
    path: "/subscribers/mailing",
    operationId: "listMailing",
    tags: ["Subscribers"],
    summary: "Everybody a campaign may write to, with their links to unsubscribe",
    description: `Who is ACTIVE, oldest first. Put \`listUnsubscribe\` and \`listUnsubscribePost\` into the mail as the headers \`List-Unsubscribe\` and \`List-Unsubscribe-Post\` (RFC 8058, which also wants both signed by DKIM), and \`unsubscribeUrl\` into its text. A link ends one subscription and is worth as much as the address: it belongs in that one mail. ${EXPORT_RULES}`,
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "mail")] as const,
    request: { query: mailingQuery },
    responses: {
      200: exportAnswer({
        csv: `id,email,name,locale,unsubscribeUrl,listUnsubscribe,listUnsubscribePost\r\n249870643200008192,ada@example.com,Ada Byron,en-GB,${URL_EXAMPLE},<${URL_EXAMPLE}>,List-Unsubscribe=One-Click\r\n`,
        ndjson: `${JSON.stringify({ id: "249870643200008192", email: "ada@example.com", name: "Ada Byron", locale: "en-GB", unsubscribeUrl: URL_EXAMPLE, listUnsubscribe: `<${URL_EXAMPLE}>`, listUnsubscribePost: "List-Unsubscribe=One-Click" })}\n`,
      }),
      ...problems(...SECURED, "validation_failed", "not_acceptable", "database_unavailable"),
    },
  },
  async (c) => {
    const { deps } = c.var;
    const { format } = c.req.valid("query");
    const nextPage = await pagesOfRecipients(deps, c.req.path.replace(/mailing$/, "unsubscribe"));
    return exportFile(c, { name: "mailing", format, columns: MAILING_COLUMNS, nextPage });
  },
);

const FORMATS = { "text/csv": "csv", "application/x-ndjson": "ndjson" } as const;

// Any name of a media type: the library takes a name that ends in `json` for JSON.
const MESSAGES: Record<string, { schema: { $ref: string } }> = {
  "application/x-ndjson": { schema: { $ref: "#/components/schemas/ImportMessage" } },
};

export const importAll = operation(
  {
    method: "post",
    path: "/subscribers/import",
    operationId: "importSubscribers",
    tags: ["Subscribers"],
    summary: "Put the addresses of a file on the list",
    description: `CSV (UTF-8, RFC 4180, also with semicolons or tabs as spreadsheets write it) whose first line names the columns, or NDJSON with the same names: \`email\`, and if you have them \`name\`, \`source\`, \`locale\`, \`subscribedAt\`, \`consentAt\`, \`consentPage\`, \`consentWording\`; other columns are ignored, and lines whose \`status\` is not ACTIVE or that have a \`deletedAt\` are skipped, as in an export of ours. At most ${IMPORT_MAX_BYTES / 1024 / 1024} MiB (unpacked, when it comes as \`Content-Encoding: gzip\`) and ${IMPORT_MAX_LINES.toLocaleString("en-US")} lines.

Nobody is brought back or changed by an import: an address that is known, has left, is in the bin or was erased is skipped and named with its line. The answer is NDJSON that arrives while the file is read: \`progress\` after every thousand lines, \`error\` for each skipped line (the first ${IMPORT_MAX_ERRORS.toLocaleString("en-US")}), and at the end \`result\`, or \`problem\` where it broke off. What was added until then stays, and the same file can be imported again without harm. A client that goes away ends it. The room \`subscribers\` hears of it once: \`subscriber.imported {added}\`.`,
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "import")] as const,
    request: {
      query: importQuery,
      body: {
        required: true,
        content: {
          "text/csv": {
            schema: { type: "string", example: "email,name\r\nada@example.com,Ada Byron\r\n" },
          },
          "application/x-ndjson": {
            schema: { type: "string", example: '{"email":"ada@example.com","name":"Ada Byron"}\n' },
          },
        },
      },
    },
    responses: {
      200: {
        description: "How it goes, one JSON object a line.",
        headers: {
          "Cache-Control": { schema: { type: "string" as const }, description: "`no-store`." },
          ...requestIdHeader,
        },
        content: MESSAGES,
      },
      ...problems(
        ...SECURED,
        "malformed_body",
        "body_too_large",
        "unsupported_media_type",
        "validation_failed",
        "database_unavailable",
      ),
    },
  },
  async (c) => {
    const { deps, principal, log } = c.var;
    const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    const encoding = c.req.header("content-encoding")?.trim().toLowerCase() ?? "identity";
    const format = Object.entries(FORMATS).find(([type]) => type === mediaType)?.[1];
    const { body } = c.req.raw;
    if (format === undefined || !["identity", "gzip"].includes(encoding)) {
      throw new Problem("unsupported_media_type", {
        headers: { accept: Object.keys(FORMATS).join(", ") },
      });
    }
    if (body === null) throw new Problem("malformed_body", { detail: "There is no file" });
    if (Number(c.req.header("content-length")) > IMPORT_MAX_BYTES) {
      throw new Problem("body_too_large");
    }
    const { dryRun } = c.req.valid("query");
    const options = { format, gzip: encoding === "gzip", dryRun };
    return answerWhileWorking(importSubscribers(deps, principal, body, options), log);
  },
);
