export interface SnippetOptions {
  /** Where strangers reach the Worker. */
  readonly baseUrl: string;
  readonly source: string;
  /** Empty: the thank-you page of the desk. */
  readonly redirect: string;
  readonly phone: boolean;
  readonly subject: boolean;
  /** Where Turnstile is asked for: what is sent without its token is filed as spam. */
  readonly turnstileSiteKey: string | null;
  /** What somebody agrees to who signs up; empty: they are not asked. */
  readonly consent: string;
}

const API = "/v1/api/outreach";

/** A contact form in plain HTML. Works without JavaScript; `_gotcha` is left empty by people. */
export function contactForm(options: SnippetOptions): string {
  return [
    formTo(`${options.baseUrl}${API}/inquiries/submit`),
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

/** A newsletter sign-up in plain HTML, with the wording that was consented to. */
export function signUpForm(options: SnippetOptions): string {
  return [
    formTo(`${options.baseUrl}${API}/subscribers/subscribe`),
    label("Your e-mail address", `<input name="email" type="email" required autocomplete="email">`),
    label("Your name (optional)", `<input name="name" autocomplete="name">`),
    ...(options.consent ? [agreement(escapeHtml(options.consent))] : []),
    ...tail(options, "Subscribe"),
  ].join("\n");
}

/** Whatever encoding the page is in: what is not said to be UTF-8 may lose characters on its way. */
function formTo(address: string): string {
  return `<form method="post" accept-charset="utf-8" action="${escapeHtml(address)}">`;
}

const TURNSTILE = "https://challenges.cloudflare.com/turnstile/v0/api.js";

function tail(options: SnippetOptions, button: string): string[] {
  const { source, redirect, turnstileSiteKey } = options;
  return [
    ...(source ? [`  <input type="hidden" name="source" value="${escapeHtml(source)}">`] : []),
    ...(redirect
      ? [`  <input type="hidden" name="_redirect" value="${escapeHtml(redirect)}">`]
      : []),
    `  <div hidden><input name="_gotcha" tabindex="-1" autocomplete="off" aria-label="Leave this empty"></div>`,
    ...(turnstileSiteKey
      ? [`  <div class="cf-turnstile" data-sitekey="${escapeHtml(turnstileSiteKey)}"></div>`]
      : []),
    `  <button>${button}</button>`,
    "</form>",
    ...(turnstileSiteKey ? [`<script src="${TURNSTILE}" async defer></script>`] : []),
  ];
}

function label(text: string, control: string): string {
  return `  <label>${text}\n    ${control}\n  </label>`;
}

/** The words are what is kept as the proof of consent, so they are sent as they were read. */
function agreement(words: string): string {
  return `  <label>\n    <input type="checkbox" name="consent" value="${words}" required>\n    ${words}\n  </label>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
