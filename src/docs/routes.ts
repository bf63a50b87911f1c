import type { OpenAPIHono } from "@hono/zod-openapi";
import { html } from "hono/html";
import { type AppEnv, createRouter } from "../http/router.ts";

/** Built into the static files from the `@scalar/api-reference` package; see dev/build-assets.ts. */
const SCALAR = "/assets/scalar.js";

const SCALAR_CONFIGURATION = JSON.stringify({
  // Everything else would be fetched from somebody's servers.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
});

/** Scalar sets styles from script and evaluates none; its images are data URLs. */
const SCALAR_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The OpenAPI document of `app`, and a page that shows it. @param prefix of every REST route */
export function docsRoutes(app: OpenAPIHono<AppEnv>, prefix: string) {
  // Made once for each isolate: the routes do not change while it lives.
  let document: unknown;
  return createRouter()
    .get("/doc/openapi.json", (c) => {
      document ??= app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Outreach",
          version: "1.0.0",
          description:
            "The part of a business that strangers talk to: contact forms and newsletter sign-ups, and the desk behind them. Problems are `application/problem+json` (RFC 9457); branch on `code`. Ids are decimal strings, times RFC 3339 UTC.",
        },
        servers: [{ url: "/" }],
      });
      return c.json(document as object);
    })
    .get("/doc", (c) => {
      c.header("content-security-policy", SCALAR_POLICY);
      return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Outreach API</title>
</head>
<body>
<script id="api-reference" data-url="${prefix}/doc/openapi.json" data-configuration="${SCALAR_CONFIGURATION}"></script>
<script src="${SCALAR}"></script>
</body>
</html>`);
    });
}
