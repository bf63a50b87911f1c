import type { Context } from "hono";
import { depsOf } from "../http/middleware/request-deps.ts";
import type { AppEnv } from "../http/router.ts";

/** What the page has to know before it can ask anything; read from the document, not fetched. */
export interface SiteConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** The audience of access tokens, asked for as a resource indicator (RFC 8707). */
  readonly audience: string;
  /** Where strangers reach the Worker. */
  readonly publicBaseUrl: string;
  /** For forms on other pages; null where Turnstile is not asked for. */
  readonly turnstileSiteKey: string | null;
}

/** The element that carries a `SiteConfig` as JSON: a data block, which no policy treats as script. */
const CONFIG_SELECTOR = "script#config";
const NONCE_SELECTOR = "meta[property='csp-nonce']";

/** Whether the request is for a page that is not the API's: a browser's, or anybody's for the first. */
export function wantsDashboard(c: Context<AppEnv>): boolean {
  return (
    (c.req.method === "GET" || c.req.method === "HEAD") &&
    !c.req.path.startsWith("/v1/") &&
    (c.req.path === "/" || (c.req.header("accept")?.includes("text/html") ?? false))
  );
}

/**
 * The dashboard's document, the same for each of its addresses: which one it is, the page itself
 * finds out.
 * @throws {ConfigError} when the environment cannot be used
 */
export async function dashboardPage(c: Context<AppEnv>): Promise<Response> {
  const { identity, dashboardClientId, publicBaseUrl, turnstile, turnstileSiteKey } =
    depsOf(c).config;
  const config: SiteConfig = {
    issuer: identity.issuer,
    clientId: dashboardClientId,
    audience: identity.audience,
    publicBaseUrl,
    turnstileSiteKey: (turnstile && turnstileSiteKey) ?? null,
  };
  const nonce = crypto.randomUUID();
  const document = await c.env.ASSETS.fetch(new URL("/", c.req.url));
  const page = new HTMLRewriter()
    .on(CONFIG_SELECTOR, {
      // `<` could end the element; JSON knows it by another name.
      element: (script) => {
        script.setInnerContent(JSON.stringify(config).replaceAll("<", "\\u003c"), { html: true });
      },
    })
    .on(NONCE_SELECTOR, { element: (meta) => void meta.setAttribute("nonce", nonce) })
    .transform(document);
  return new Response(page.body, {
    status: document.status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": policy({ issuer: identity.issuer, self: c.req.url, nonce }),
    },
  });
}

/**
 * Nothing but our own files, and one foreign address: the identity provider's, for discovery and
 * renewal. Style elements need the nonce (the component library adds two).
 */
function policy(options: { issuer: string; self: string; nonce: string }): string {
  const self = new URL(options.self);
  // Not every browser counts a WebSocket of the same host as 'self'.
  const sockets = `${self.protocol === "https:" ? "wss" : "ws"}://${self.host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${options.nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${sockets} ${new URL(options.issuer).origin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
