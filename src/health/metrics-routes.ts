import { z } from "@hono/zod-openapi";
import { equalSecrets } from "../auth/equal.ts";
import { bearerToken } from "../http/middleware/authenticate.ts";
import { depsOf } from "../http/middleware/request-deps.ts";
import { problems, requestIdHeader } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { createRouter, operation } from "../http/router.ts";
import { EXPOSITION_TYPE } from "../telemetry/exposition.ts";
import { scrape } from "./scrape.ts";

const schema = z.string().openapi({
  example: 'outreach_submissions_total{outcome="stored"} 7\n',
});

const metrics = operation(
  {
    method: "get",
    path: "/metrics",
    operationId: "metrics",
    tags: ["Operations"],
    summary: "Counters and gauges for Prometheus",
    description:
      "Totals over all isolates of the Worker, in the text format. Only where `METRICS_TOKEN` is set; the scraper sends it as a bearer token.",
    security: [{ scraper: [] }],
    responses: {
      200: {
        description: "Prometheus text format 0.0.4.",
        headers: requestIdHeader,
        content: { "text/plain": { schema } },
      },
      ...problems("unauthenticated", "route_not_found"),
    },
  },
  async (c) => {
    const deps = depsOf(c);
    const { metricsToken } = deps.config;
    if (metricsToken === undefined) throw new Problem("route_not_found");
    const given = bearerToken(c.req.raw);
    if (given === undefined || !(await equalSecrets(given, metricsToken))) {
      throw new Problem("unauthenticated", { headers: { "www-authenticate": "Bearer" } });
    }
    return c.text(await scrape(deps), 200, { "content-type": EXPOSITION_TYPE });
  },
);

export const metricsRoutes = createRouter().openapiRoutes([metrics] as const);
metricsRoutes.openAPIRegistry.registerComponent("securitySchemes", "scraper", {
  type: "http",
  scheme: "bearer",
  description: "The secret `METRICS_TOKEN`.",
});
