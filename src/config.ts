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

const signingKey = z
  .string()
  .refine((value) => /^[A-Za-z0-9+/]{43}=$/.test(value), "must be 32 bytes in base64")
  .transform((value) => Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));

const variables = z.object({
  APP_ENV_NODE_ID: z.coerce.number().int().min(0).max(1023).default(10),
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
  PUBLIC_BASE_URL: webUrl,
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

const config = variables.transform((v) => ({
  nodeId: v.APP_ENV_NODE_ID,
  database: { url: v.DATABASE_URL, httpEndpoint: v.DATABASE_HTTP_ENDPOINT },
  insertBudgetMs: v.INSERT_BUDGET_MS,
  identity: {
    issuer: v.IDENTITY_ISSUER,
    audience: v.IDENTITY_AUDIENCE,
    jwksUrl: v.IDENTITY_JWKS_URL,
    rolesClaim: v.IDENTITY_ROLES_CLAIM,
  },
  dashboardClientId: v.DASHBOARD_CLIENT_ID,
  allowedOrigins: v.ALLOWED_ORIGINS,
  signingKey: v.SIGNING_KEY,
  publicBaseUrl: v.PUBLIC_BASE_URL,
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
