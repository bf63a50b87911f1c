import { createHash } from "node:crypto";
import type { User } from "./identity-users.ts";

/**
 * The few pages a person sees at the local provider. No file, font or script from anywhere: each
 * page is one document, and the policy below names its style and its only script by hash.
 */

const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f5f7, #14161a);
  --card: light-dark(#fff, #1d2026);
  --line: light-dark(#d5d9e0, #363b45);
  --text: light-dark(#1b1f27, #eceef2);
  --soft: light-dark(#5a6272, #a3abba);
  --accent: light-dark(#1f5fd0, #8ab4ff);
  --note: light-dark(#fff4d6, #352b10);
  --note-text: light-dark(#6a4a00, #f2d58a);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1.25rem;
  display: grid; place-items: center;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%; max-width: 26rem; padding: 1.5rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .875rem;
}
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.2; }
p { margin: 0 0 1.25rem; color: var(--soft); }
.note {
  padding: .625rem .875rem; border-radius: .5rem;
  background: var(--note); color: var(--note-text); font-size: .9rem;
}
ul { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .625rem; }
button {
  width: 100%; min-height: 2.75rem; padding: .625rem .875rem; font: inherit; color: inherit;
  background: none; border: 1px solid var(--line); border-radius: .625rem; cursor: pointer;
}
button:hover { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.person { display: grid; grid-template-columns: auto 1fr; gap: 0 .875rem; text-align: left; }
.person .initial {
  grid-row: span 3; align-self: center; width: 2.5rem; height: 2.5rem; border-radius: 50%;
  display: grid; place-items: center; font-weight: 600; color: var(--card);
  background: var(--accent);
}
.person .name { font-weight: 600; }
.person .about, .person .email { font-size: .875rem; color: var(--soft); }
.person .email { overflow-wrap: anywhere; }
.quiet { border-color: transparent; color: var(--soft); }
code { overflow-wrap: anywhere; }
main > :last-child { margin-bottom: 0; }
`;

/** Submits the sign-out form at once; without scripts its button remains. */
const SUBMIT = `document.querySelector("button").click();`;

/**
 * Content-Security-Policy of every answer. `formTargets` are the origins a form may end at: the
 * choice on the sign-in page is answered by redirects that lead back to the dashboard, and
 * Chromium holds every hop of such a redirect against `form-action` (CSP3 section 6.4.2.1).
 */
export function contentSecurityPolicy(formTargets: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src '${sha256(STYLE)}'`,
    `script-src '${sha256(SUBMIT)}'`,
    `form-action ${["'self'", ...formTargets].join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export function signInPage(action: string, users: readonly User[]): string {
  return page(
    "Sign in – local identity",
    `<h1>Sign in</h1>
<p class="note">This is the identity provider for development. It knows no passwords: choose who
you want to be.</p>
<form method="post" action="${escapeHtml(action)}">
<ul>${users.map(personItem).join("")}</ul>
<button class="quiet" name="cancel" value="yes">Cancel</button>
</form>`,
  );
}

/** `form` is the provider's own (it holds the anti-forgery value); the button belongs to it. */
export function signOutPage(form: string, options: { atOnce: boolean }): string {
  return page(
    "Sign out – local identity",
    `<h1>Sign out</h1>
<p>This ends the session at the local identity provider.</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
${options.atOnce ? `<script>${SUBMIT}</script>` : ""}`,
  );
}

export function signedOutPage(): string {
  return page("Signed out – local identity", "<h1>Signed out</h1><p>You can close this page.</p>");
}

export function errorPage(code: string, description: string): string {
  return page(
    "Sign-in failed – local identity",
    `<h1>Sign-in failed</h1>
<p>${escapeHtml(description)}</p>
<p>Go back to the application and start again. Code: <code>${escapeHtml(code)}</code></p>`,
  );
}

function personItem(user: User): string {
  return `
<li><button class="person" name="account" value="${escapeHtml(user.id)}">
<span class="initial" aria-hidden="true">${escapeHtml(user.name.slice(0, 1))}</span>
<span class="name">${escapeHtml(user.name)}</span>
<span class="about">${escapeHtml(user.about)}</span>
<span class="email">${escapeHtml(user.email)}</span>
</button></li>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

function sha256(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
