export interface SnippetOptions {
  /** Where strangers reach the Worker. */
  readonly baseUrl: string;
  readonly source: string;
  /** Empty: the thank-you page of the desk. */
  readonly redirect: string;
  readonly phone: boolean;
  readonly subject: boolean;
}

const API = "/v1/api/outreach";

/** A contact form in plain HTML. Works without JavaScript; `_gotcha` is left empty by people. */
export function contactForm(options: SnippetOptions): string {
  return [
    `<form method="post" action="${escapeHtml(options.baseUrl)}${API}/inquiries/submit">`,
    label("Your name", `<input name="name" required autocomplete="name">`),
    label("Your e-mail address", `<input name="email" type="email" required autocomplete="email">`),
    ...(options.phone
      ? [label("Phone (optional)", `<input name="phone" type="tel" autocomplete="tel">`)]
      : []),
    ...(options.subject ? [label("Subject", `<input name="subject">`)] : []),
    label("Your message", `<textarea name="message" rows="6" required></textarea>`),
    ...tail(options, "Send"),
  ].join("\n");
}

const CONSENT = "Send me the newsletter. I can leave at any time.";

/** A newsletter sign-up in plain HTML. What the checkbox says is kept as what was consented to. */
export function signUpForm(options: SnippetOptions): string {
  return [
    `<form method="post" action="${escapeHtml(options.baseUrl)}${API}/subscribers/subscribe">`,
    label("Your e-mail address", `<input name="email" type="email" required autocomplete="email">`),
    label("Your name (optional)", `<input name="name" autocomplete="name">`),
    `  <label>`,
    `    <input type="checkbox" name="consent" required`,
    `      value="${escapeHtml(CONSENT)}">`,
    `    ${escapeHtml(CONSENT)}\n  </label>`,
    ...tail(options, "Subscribe"),
  ].join("\n");
}

function tail({ source, redirect }: SnippetOptions, button: string): string[] {
  return [
    ...(source ? [`  <input type="hidden" name="source" value="${escapeHtml(source)}">`] : []),
    ...(redirect
      ? [`  <input type="hidden" name="_redirect" value="${escapeHtml(redirect)}">`]
      : []),
    `  <div hidden><input name="_gotcha" tabindex="-1" autocomplete="off" aria-label="Leave this empty"></div>`,
    `  <button>${button}</button>`,
    "</form>",
  ];
}

function label(text: string, control: string): string {
  return `  <label>${text}\n    ${control}\n  </label>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
