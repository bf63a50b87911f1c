import { html } from "hono/html";
import type { CorrectedForm } from "../http/correction-page.ts";
import { page } from "../http/page.ts";
import type { Problem } from "../http/problem.ts";

/** The same for every address. */
export function thankYouPage(): Promise<Response> {
  return page({
    title: "Thank you for signing up",
    body: html`<p>We will write to the address you gave. Every letter has a link with which you can
leave again. You can close this page.</p>`,
  });
}

export const SIGN_UP_FORM: CorrectedForm = {
  notYet: "You are not signed up yet.",
  button: "Subscribe",
  fields: {
    email: {
      label: "Your e-mail address",
      advice: "Please enter an e-mail address, such as ada@example.com.",
      type: "email",
    },
    name: {
      label: "Your name (optional)",
      advice: "Please enter your name on one line, up to 200 characters.",
      type: "text",
    },
  },
};

/**
 * One button, because machines follow links and people press buttons. It posts to the page's own
 * address, so the token is nowhere in the page.
 */
export function leavePage(): Promise<Response> {
  return page({
    title: "Leave the newsletter?",
    body: html`<p>Press the button, and we will not write to you any more.</p>
<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>Unsubscribe</button>
</form>`,
  });
}

export function leftPage(): Promise<Response> {
  return page({
    title: "You have left the newsletter",
    body: html`<p>We will not write to you any more. You can close this page.</p>`,
  });
}

/** It is safe, and stored as soon as the database is back. */
export function leavingPage(): Promise<Response> {
  return page({
    title: "You are leaving the newsletter",
    status: 202,
    body: html`<p>We have noted it and will not write to you any more. You can close this page.</p>`,
  });
}

export function leaveProblemPage(problem: Problem, requestId: string): Promise<Response> {
  const { code, status, title, headers } = problem;
  return page({
    title: code === "invalid_token" ? "This link does not work" : title,
    status,
    headers,
    body: html`${
      code === "invalid_token"
        ? html`<p>Perhaps a part of it is missing, or you signed up again since. Use the link in the
latest letter you have from us.</p>`
        : html`<p><strong>You have not left the newsletter yet.</strong> Please try again in a moment.</p>`
    }
<p><small>Reference: ${requestId}</small></p>`,
  });
}
