import { z } from "zod";

/** A comma-separated list of web origins (`https://www.example.com`), each normalised by the URL parser. */
const originList = z.string().transform((list, ctx) => {
  const origins = new Set<string>();
  for (const item of list.split(",").map((part) => part.trim())) {
    if (item === "") continue;
    const origin = URL.canParse(item) ? new URL(item).origin : "null";
    if (origin === "null") {
      ctx.addIssue({ code: "custom", message: "must be a list of origins" });
      return z.NEVER;
    }
    origins.add(origin);
  }
  return origins as ReadonlySet<string>;
});

const webUrl = z.url({ protocol: /^https?$/ });

/** An empty variable counts as absent: wrangler.toml has no other way to say "not set". */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** A comma-separated list of domain names, in the form that URLs have (IDN to ASCII). */
const domainList = z.string().transform((list, ctx) => {
  const domains = new Set<string>();
  for (const item of list.split(",").map((part) => part.trim())) {
    if (item === "") continue;
    const host = URL.canParse(`http://${item}`) ? new URL(`http://${item}`).host : "";
    if (host === "" || item.includes("/")) {
      ctx.addIssue({ code: "custom", message: "must be a list of domain names" });
      return z.NEVER;
    }
    domains.add(host);
  }
  return domains as ReadonlySet<string>;
});

const signingKey = z
  .string()
  .refine((value) => /^[A-Za-z0-9+/]{43}=$/.test(value), "must be 32 bytes in base64")
  .transform((value) => Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));

const settings = z.object({
  APP_ENV_NODE_ID: optional(z.coerce.number().int().min(0).max(1023)),
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\/[^:/@]+:[^@]*@[^/]+\/[^/?]+/,
      "must be postgres://user:password@host/database",
    ),
  DATABASE_HTTP_ENDPOINT: optional(webUrl),
  INSERT_BUDGET_MS: z.coerce.number().int().min(50).max(10_000).default(800),
  IDENTITY_ISSUER: webUrl,
  IDENTITY_AUDIENCE: z.string().min(1),
  IDENTITY_JWKS_URL: webUrl,
  IDENTITY_ROLES_CLAIM: z.string().min(1).default("roles"),
  DASHBOARD_CLIENT_ID: z.string().min(1),
  ALLOWED_ORIGINS: originList,
  SIGNING_KEY: signingKey,
  SIGNING_KEY_PREVIOUS: optional(signingKey),
  PUBLIC_BASE_URL: webUrl,
  ROOM_DIRECT_OBSERVERS: optional(z.coerce.number().int().min(0).max(32_000)),
  ROOM_RELAY_OBSERVERS: optional(z.coerce.number().int().min(1).max(32_000)),
  UPSTASH_REDIS_REST_URL: optional(webUrl),
  UPSTASH_REDIS_REST_TOKEN: optional(z.string().regex(/^\S+$/, "must not hold spaces")),
  FLOOD_CEILING: z.coerce.number().int().min(1).max(1_000_000).default(600),
  TURNSTILE_SECRET: optional(z.string()),
  TURNSTILE_SITE_KEY: optional(z.string()),
  TURNSTILE_VERIFY_URL: optional(webUrl),
  BLOCKED_DOMAINS: domainList.default(new Set()),
  METRICS_TOKEN: optional(z.string().min(16)),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

/** Half of a pair would switch a gate off in silence. */
const variables = settings.superRefine((v, ctx) => {
  const [url, token] = ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"] as const;
  if ((v[url] === undefined) === (v[token] === undefined)) return;
  const missing = v[url] === undefined ? url : token;
  ctx.addIssue({ code: "custom", path: [missing], message: "the other of the two is set" });
});

const config = variables.transform((v) => ({
  nodeId: v.APP_ENV_NODE_ID ?? 10,
  database: { url: v.DATABASE_URL, httpEndpoint: v.DATABASE_HTTP_ENDPOINT },
  insertBudgetMs: v.INSERT_BUDGET_MS,
  identity: {
    issuer: v.IDENTITY_ISSUER,
    audience: v.IDENTITY_AUDIENCE,
    jwksUrl: v.IDENTITY_JWKS_URL,
    rolesClaim: v.IDENTITY_ROLES_CLAIM,
  },
  dashboardClientId: v.DASHBOARD_CLIENT_ID,
  // The dashboard is served from here and observes rooms; nobody should have to list it.
  allowedOrigins: v.ALLOWED_ORIGINS.union(new Set([new URL(v.PUBLIC_BASE_URL).origin])),
  signingKey: v.SIGNING_KEY,
  signingKeyPrevious: v.SIGNING_KEY_PREVIOUS,
  publicBaseUrl: v.PUBLIC_BASE_URL,
  rooms: { direct: v.ROOM_DIRECT_OBSERVERS, perRelay: v.ROOM_RELAY_OBSERVERS },
  redis:
    v.UPSTASH_REDIS_REST_URL === undefined || v.UPSTASH_REDIS_REST_TOKEN === undefined
      ? undefined
      : { url: v.UPSTASH_REDIS_REST_URL, token: v.UPSTASH_REDIS_REST_TOKEN },
  floodCeiling: v.FLOOD_CEILING,
  turnstile:
    v.TURNSTILE_SECRET === undefined
      ? undefined
      : { secret: v.TURNSTILE_SECRET, verifyUrl: v.TURNSTILE_VERIFY_URL },
  turnstileSiteKey: v.TURNSTILE_SITE_KEY,
  blockedDomains: v.BLOCKED_DOMAINS,
  metricsToken: v.METRICS_TOKEN,
  logLevel: v.LOG_LEVEL,
}));

export type Config = z.output<typeof config>;

/** Names the variables that are missing or malformed. Never carries a value: some of them are secrets. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly variables: readonly string[];

  constructor(names: Iterable<string>) {
    const list = [...new Set(names)];
    super(`missing or malformed: ${list.join(", ")}`);
    this.variables = list;
  }
}

/**
 * Parses the Worker's environment.
 * @throws {ConfigError} naming every variable that is missing or malformed.
 */
export function parseConfig(env: object): Config {
  const result = config.safeParse(env);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => String(issue.path[0])));
}
