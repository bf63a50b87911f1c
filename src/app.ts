import type { Context } from "hono";
import { except } from "hono/combine";
import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { docsRoutes } from "./docs/routes.ts";
import { metricsRoutes } from "./health/metrics-routes.ts";
import { healthRoutes } from "./health/routes.ts";
import { acceptable } from "./http/middleware/acceptable.ts";
import { accessLog } from "./http/middleware/access-log.ts";
import { bodyLimit } from "./http/middleware/body-limit.ts";
import { answerWith, problemHandler } from "./http/middleware/problem-handler.ts";
import { requestDeps } from "./http/middleware/request-deps.ts";
import { requestId } from "./http/middleware/request-id.ts";
import { requestLog } from "./http/middleware/request-log.ts";
import { securityHeaders } from "./http/middleware/security-headers.ts";
import { visitorPages } from "./http/middleware/visitor-pages.ts";
import { Problem } from "./http/problem.ts";
import { type AppEnv, createRouter } from "./http/router.ts";
import { inquiryRoutes } from "./inquiries/routes.ts";
import { submissionRoutes } from "./inquiries/submit-routes.ts";
import { formRoutes } from "./intake/form-routes.ts";
import { spoolRoutes } from "./intake/routes.ts";
import { meRoutes } from "./me/routes.ts";
import { privacyRoutes } from "./privacy/routes.ts";
import { roomRoutes } from "./rooms/routes.ts";
import { dashboardPage, wantsDashboard } from "./site/pages.ts";
import { subscriberRoutes } from "./subscribers/routes.ts";
import { subscribeRoutes } from "./subscribers/subscribe-routes.ts";
import { unsubscribeRoutes } from "./subscribers/unsubscribe-routes.ts";

export const PREFIX = "/v1/api/outreach";

const MAX_BODY_BYTES = 64 * 1024;

/** Where forms and links in mails lead people. */
const VISITOR_PATHS = ["/inquiries/submit", "/subscribers/subscribe", "/subscribers/unsubscribe"];

/** Answers of ours that a page of another origin may read. */
const EXPOSED_HEADERS = [
  "X-Request-Id",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "Idempotency-Replayed",
  "ETag",
  "Location",
  "Content-Disposition",
];

/** The whole HTTP side, in the order a request passes through it. */
export function createApp() {
  const app = createRouter();
  app.onError(problemHandler);
  // Any address that is not the API's is the dashboard's: it has a page for those that lead nowhere.
  app.notFound((c) =>
    wantsDashboard(c) ? dashboardPage(c) : answerWith(c, new Problem("route_not_found")),
  );

  app.use(requestId(), requestLog(), accessLog(), securityHeaders());
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        answerWith(
          c,
          new Problem("method_not_allowed", { headers: { allow: methods.join(", ") } }),
        ),
    }),
  );
  app.route("/", healthRoutes);
  app.route("/", metricsRoutes);

  for (const path of VISITOR_PATHS) app.use(PREFIX + path, visitorPages());
  app.use(requestDeps());
  app.use(
    cors({
      origin: (origin, c: Context<AppEnv>) =>
        c.var.deps.config.allowedOrigins.has(origin) ? origin : null,
      allowMethods: ["GET", "POST", "PATCH", "DELETE"],
      allowHeaders: [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "X-Request-Id",
      ],
      exposeHeaders: EXPOSED_HEADERS,
      maxAge: 3600,
    }),
  );
  // An import is read while it arrives, and counts for itself.
  const limited = except(`${PREFIX}/subscribers/import`, bodyLimit({ maxBytes: MAX_BODY_BYTES }));
  app.use(`${PREFIX}/*`, acceptable(), limited);

  // Every feature, and nothing else.
  const routes = app
    .route(PREFIX, submissionRoutes)
    .route(PREFIX, formRoutes)
    .route(PREFIX, inquiryRoutes)
    .route(PREFIX, subscribeRoutes)
    .route(PREFIX, unsubscribeRoutes)
    .route(PREFIX, subscriberRoutes)
    .route(PREFIX, privacyRoutes)
    .route(PREFIX, roomRoutes)
    .route(PREFIX, meRoutes)
    .route(PREFIX, spoolRoutes);

  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An ES256 access token of the identity provider.",
  });
  app.route(PREFIX, docsRoutes(app, PREFIX));
  return routes;
}

/** What the dashboard's client is typed by. */
export type App = ReturnType<typeof createApp>;
