import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = `
:root { color-scheme: light dark; --accent: light-dark(#14532d, #86efac);
  --error: light-dark(#b42318, #fda29b); --line: light-dark(#c9cfd6, #4b545f);
  --paper: light-dark(#ffffff, #1b2026); --desk: light-dark(#eef1f4, #12161b); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  font: 1rem/1.55 system-ui, sans-serif; background: var(--desk); }
main { width: 100%; max-width: 34rem; padding: 2rem; border: 1px solid var(--line);
  border-radius: 0.75rem; background: var(--paper); }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, textarea { width: 100%; margin-top: 0.25rem; padding: 0.6rem 0.7rem; font: inherit;
  border: 1px solid var(--line); border-radius: 0.4rem; background: transparent; color: inherit; }
textarea { min-height: 9rem; resize: vertical; }
[aria-invalid="true"] { border-color: var(--error); }
.error { margin: 0.25rem 0 0; color: var(--error); }
button { margin-top: 1.5rem; padding: 0.7rem 1.4rem; font: inherit; font-weight: 600; border: 0;
  border-radius: 0.4rem; background: var(--accent); color: var(--paper); cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
small { color: GrayText; overflow-wrap: anywhere; }
`;

/**
 * A small page of ours for a visitor: no script, nothing loaded from anywhere.
 * @param options.formTargets origins its form may lead to, a redirect included (CSP Level 3,
 *   form-action: browsers check redirects as well)
 */
export async function page(options: {
  title: string;
  body: Html;
  status?: number;
  formTargets?: Iterable<string>;
  headers?: Readonly<Record<string, string>>;
}): Promise<Response> {
  const { title, body, status = 200, formTargets = [], headers } = options;
  const nonce = crypto.randomUUID();
  const document = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style nonce="${nonce}">${raw(STYLE)}</style>
</head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>`;
  const formAction = ["'self'", ...formTargets].join(" ");
  return new Response(String(document), {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
      ...headers,
    },
  });
}
