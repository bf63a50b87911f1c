import { html } from "hono/html";
import { type Html, page } from "./page.ts";
import type { Problem } from "./problem.ts";

/** What a visitor is shown when what was sent could not be read so far that it can be shown again. */
export function visitorProblemPage(problem: Problem, requestId: string): Promise<Response> {
  const { title, advice } = wordsFor(problem);
  return page({
    title,
    status: problem.status,
    headers: problem.headers,
    body: html`<p>${advice}</p>
<p><small>Reference: ${requestId}</small></p>`,
  });
}

function wordsFor({ code, status, title }: Problem): { title: string; advice: Html | string } {
  if (code === "method_not_allowed") {
    return {
      title: "There is nothing to see here",
      advice: "A form leads to this address. If it thanked you, we have what you sent.",
    };
  }
  const notSent = html`<strong>Nothing has been sent.</strong>`;
  if (code === "body_too_large") {
    return {
      title: "This is longer than we can take",
      advice: html`${notSent} Please go back, where what you typed should still be, make it shorter
or leave out what you attached, and send it again.`,
    };
  }
  if (status >= 500) {
    return {
      title,
      advice: html`${notSent} Please wait a moment, go back and send it again.`,
    };
  }
  return {
    title: "This form does not work",
    advice: html`${notSent} The page with the form is not made as it should be. Please reach us in
another way.`,
  };
}
