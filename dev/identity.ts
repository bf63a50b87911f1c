import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Adapter } from "oidc-provider";
import Provider from "oidc-provider";
import { configure, resourceServer, SCOPE, TOKEN_SECONDS } from "./identity-config.ts";
import { interact } from "./identity-interaction.ts";
import { loadKeys, rotateSigningKey } from "./identity-keys.ts";
import { contentSecurityPolicy } from "./identity-pages.ts";
import type { User, Who } from "./identity-users.ts";
import { findUser, users } from "./identity-users.ts";

/**
 * An OpenID provider for development and tests. It is a real one (the oidc-provider package), so
 * the dashboard and the desk API meet nothing that a production provider would not show them; what
 * it leaves out is passwords. It listens on the loopback interface only.
 *
 * The issuer says 127.0.0.1 and not localhost: the Worker's runtime fetches the JWKS by that name,
 * and localhost may mean ::1 there first. The dashboard at http://localhost:8787 is then another
 * site, which the flow allows for: redirects carry Lax cookies, and renewal by refresh token is a
 * CORS request without any.
 */

export interface IdentityOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** A loopback address; default 127.0.0.1. */
  host?: string;
  /** Where `identity-keys.json` is kept, so that tokens survive a restart; default: nowhere. */
  dataDir?: string;
  /** Where the dashboard is served; default http://localhost:8787. */
  dashboardOrigins?: readonly string[];
  audience?: string;
  clientId?: string;
  /** Life of the access tokens that the code flow yields; default 900. */
  tokenSeconds?: number;
}

export interface TokenOverrides {
  /** Default 900. Negative: a token that was good once and expired this long ago. */
  expiresInSeconds?: number;
  sub?: string;
  /** The `roles` claim, as it stands: a test may want one that no provider should send. */
  roles?: unknown;
  audience?: string;
}

export interface Identity {
  issuer: string;
  audience: string;
  clientId: string;
  jwksUrl: string;
  users: readonly User[];
  /** An access token of the same form as one from the code flow, without the flow. */
  token(who: Who, overrides?: TokenOverrides): Promise<string>;
  /** A new key signs from now on and the old one leaves the JWKS. Sessions go on. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const { port = 0, host = "127.0.0.1", dataDir } = options;
  const origins = options.dashboardOrigins ?? ["http://localhost:8787"];
  const audience = options.audience ?? "urn:outreach:desk";
  const clientId = options.clientId ?? "outreach-dashboard";
  const { tokenSeconds = TOKEN_SECONDS } = options;
  if (!LOOPBACK.includes(host)) {
    throw new Error(`The local identity provider has no passwords and will not listen on ${host}`);
  }

  let keys = await loadKeys(dataDir);

  // The issuer holds the port, so the provider can only be made once the server listens.
  let handle: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => handle(request, response));
  await once(server.listen(port, host), "listening");
  const address = server.address() as AddressInfo;
  const issuer = `http://${host === "::1" ? "[::1]" : host}:${address.port}`;

  const first = makeProvider();
  let provider = first;
  handle = provider.callback();
  const grantIds = new Map<string, string>(); // bounded by the users

  function makeProvider(stored?: Provider): Provider {
    const { port } = address;
    const configuration = configure({ keys, origins, audience, clientId, port, tokenSeconds });
    if (stored) configuration.adapter = (name) => adapterOf(stored, name);
    const made = withoutMemoryWarning(() => new Provider(issuer, configuration));
    made.use(async (ctx, next) => {
      // A page of another name that resolves to this address must not drive the flow.
      if (ctx.host !== new URL(issuer).host) {
        ctx.status = 421;
        return;
      }
      ctx.set("content-security-policy", contentSecurityPolicy(origins));
      ctx.set("x-content-type-options", "nosniff");
      ctx.set("referrer-policy", "same-origin");
      if (ctx.path.startsWith("/interaction/")) return interact(made, ctx);
      return next();
    });
    made.on("server_error", (_ctx, error) => console.error("identity:", error));
    return made;
  }

  async function grantFor(accountId: string): Promise<string> {
    const known = grantIds.get(accountId);
    if (known) return known;
    const grant = new provider.Grant({ clientId, accountId });
    grant.addOIDCScope(SCOPE);
    const id = await grant.save();
    grantIds.set(accountId, id);
    return id;
  }

  return {
    issuer,
    audience,
    clientId,
    jwksUrl: `${issuer}/jwks`,
    users,
    async token(who, overrides = {}) {
      const user = findUser(who);
      const client = await provider.Client.find(clientId);
      if (!user || !client) throw new Error(`No user or client for ${who}`);
      const lifetime = overrides.expiresInSeconds ?? TOKEN_SECONDS;
      const exp = Math.floor(Date.now() / 1000) + lifetime;
      const token = new provider.AccessToken({
        client,
        accountId: overrides.sub ?? user.id,
        grantId: await grantFor(user.id),
        gty: "authorization_code",
        resourceServer: new provider.ResourceServer(
          audience,
          resourceServer(overrides.audience ?? audience, tokenSeconds),
        ),
        iat: lifetime > 0 ? exp - lifetime : exp - TOKEN_SECONDS,
        exp,
        extra: { roles: "roles" in overrides ? overrides.roles : user.roles },
      });
      return token.save();
    },
    async rotateKeys() {
      keys = await rotateSigningKey(dataDir, keys);
      provider = makeProvider(first);
      handle = provider.callback();
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Where a provider keeps the instances of one model; each model is a property by its name. */
function adapterOf(provider: Provider, model: string): Adapter {
  const models = provider as unknown as Record<string, { adapter: Adapter } | undefined>;
  const adapter = models[model]?.adapter;
  if (!adapter) throw new Error(`The provider has no model ${model}`);
  return adapter;
}

/**
 * The package warns on the console that its store is in memory and forgets sessions at a restart.
 * Here that is meant: keys are kept, sessions are one click. Any other warning still shows.
 */
function withoutMemoryWarning<T>(make: () => T): T {
  const { warn } = console;
  console.warn = (...line: unknown[]) => {
    if (!String(line[0]).includes("development-only in-memory adapter")) warn(...line);
  };
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}
