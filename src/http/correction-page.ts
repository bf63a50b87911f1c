import { html } from "hono/html";
import { page } from "./page.ts";
import type { Problem, ValueError } from "./problem.ts";
import type { FormFields } from "./submission-body.ts";

/** A field that the page shows; every other one is carried along unseen. */
export interface ShownField {
  readonly label: string;
  /** What to do when it is not as it should be. */
  readonly advice: string;
  readonly type: "text" | "email" | "tel" | "textarea";
}

/** The form of a public write, as its correction page needs to know it. */
export interface CorrectedForm {
  readonly fields: Readonly<Record<string, ShownField>>;
  /** Says in a sentence that nothing has happened yet. */
  readonly notYet: string;
  readonly button: string;
}

/**
 * The form again with everything that was typed, and beside each field what to change. It is judged
 * here alone: browsers know fewer e-mail addresses (RFC 6531) than we take.
 */
export function correctionPage(
  form: CorrectedForm,
  options: {
    problem: Problem;
    fields: FormFields;
    requestId: string;
    allowedOrigins: ReadonlySet<string>;
  },
): Promise<Response> {
  const { problem, fields, requestId, allowedOrigins } = options;
  const wrong = new Set(problem.errors.map(fieldOf));
  const strangers = [...wrong].filter((name) => !Object.hasOwn(form.fields, name));
  return page({
    title: problem.status === 422 ? "Please check what you typed" : problem.title,
    status: problem.status,
    headers: problem.headers,
    formTargets: allowedOrigins,
    body: html`<p><strong>${form.notYet}</strong> Nothing you typed is lost: it is
all below. ${problem.status === 422 ? "" : html`Please wait ${waitOf(problem)} and send it again.`}</p>
${strangers.map((name) => html`<p class="error">The field “${name}” cannot be sent like this.</p>`)}
<form method="post" novalidate>
${Object.entries(form.fields).map(([name, field]) =>
  inputFor(name, field, fields.get(name) ?? "", wrong.has(name)),
)}
${[...fields]
  .filter(([name]) => !Object.hasOwn(form.fields, name))
  .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${form.button}</button>
</form>
<p><small>Reference: ${requestId}</small></p>`,
  });
}

/** How long a visitor has to wait, in words. */
function waitOf({ headers }: Problem): string {
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isNaN(seconds)) return "a moment";
  if (seconds === 1) return "a second";
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

function inputFor(name: string, { label, advice, type }: ShownField, value: string, bad: boolean) {
  const describedBy = `${name}-error`;
  const invalid = bad ? html`aria-invalid="true" aria-describedby="${describedBy}"` : "";
  return html`<label for="${name}">${label}</label>
${
  type === "textarea"
    ? html`<textarea id="${name}" name="${name}" ${invalid}>
${value}</textarea>`
    : html`<input id="${name}" name="${name}" type="${type}" value="${value}" ${invalid}>`
}
${bad ? html`<p class="error" id="${describedBy}">${advice}</p>` : ""}`;
}

/** A form has no depth: whatever is wrong with it is one of its fields. */
function fieldOf({ pointer }: ValueError): string {
  return pointer.slice(1).replaceAll("~1", "/").replaceAll("~0", "~");
}
