import { html } from "hono/html";
import { page } from "../http/page.ts";
import type { Problem, ValueError } from "../http/problem.ts";
import type { FormFields } from "../http/submission-body.ts";

export function thankYouPage(receipt: string): Promise<Response> {
  return page({
    title: "Thank you, we have your message",
    body: html`<p>We will come back to you at the address you gave. You can close this page.</p>
<p><small>Receipt: ${receipt}</small></p>`,
  });
}

const LABELS: Readonly<Record<string, string>> = {
  name: "Your name",
  email: "Your e-mail address",
  phone: "Your phone number (optional)",
  subject: "Subject (optional)",
  message: "Your message",
};

const ADVICE: Readonly<Record<string, string>> = {
  name: "Please enter your name on one line, up to 200 characters.",
  email: "Please enter an e-mail address, such as ada@example.com.",
  phone: "Please enter a phone number on one line, up to 40 characters.",
  subject: "Please keep the subject on one line, up to 200 characters.",
  message: "Please enter a message, up to 20,000 characters.",
};

/** The form again with everything that was typed, and beside each field what to change. */
export function correctionPage(options: {
  problem: Problem;
  fields: FormFields;
  requestId: string;
  allowedOrigins: ReadonlySet<string>;
}): Promise<Response> {
  const { problem, fields, requestId, allowedOrigins } = options;
  const wrong = new Set(problem.errors.map(fieldOf));
  const strangers = [...wrong].filter((name) => !Object.hasOwn(LABELS, name));
  const visible = Object.keys(LABELS);
  return page({
    title: problem.status === 422 ? "Please check what you typed" : problem.title,
    status: problem.status,
    headers: problem.headers,
    formTargets: allowedOrigins,
    body: html`<p>Your message has <strong>not</strong> been sent yet. Nothing you typed is lost: it is
all below. ${problem.status === 422 ? "" : "Please try again in a moment."}</p>
${strangers.map((name) => html`<p class="error">The field “${name}” cannot be sent like this.</p>`)}
<form method="post">
${visible.map((name) => inputFor(name, fields.get(name) ?? "", wrong.has(name)))}
${[...fields]
  .filter(([name]) => !visible.includes(name))
  .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>Send</button>
</form>
<p><small>Reference: ${requestId}</small></p>`,
  });
}

function inputFor(name: string, value: string, wrong: boolean) {
  const describedBy = `${name}-error`;
  const invalid = wrong ? html`aria-invalid="true" aria-describedby="${describedBy}"` : "";
  const type = name === "email" ? "email" : name === "phone" ? "tel" : "text";
  return html`<label for="${name}">${LABELS[name]}</label>
${
  name === "message"
    ? html`<textarea id="message" name="message" ${invalid}>
${value}</textarea>`
    : html`<input id="${name}" name="${name}" type="${type}" value="${value}" ${invalid}>`
}
${wrong ? html`<p class="error" id="${describedBy}">${ADVICE[name]}</p>` : ""}`;
}

function fieldOf({ pointer }: ValueError): string {
  const [, first = "", second] = pointer.split("/");
  const name = first === "metadata" && second ? second : first;
  return name.replaceAll("~1", "/").replaceAll("~0", "~");
}
