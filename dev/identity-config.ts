import type { Configuration, ResourceServer } from "oidc-provider";
import type { Keys } from "./identity-keys.ts";
import { errorPage, signedOutPage, signOutPage } from "./identity-pages.ts";
import { findUser } from "./identity-users.ts";

/** Life of an access token, in seconds, unless another is asked for. */
export const TOKEN_SECONDS = 15 * 60;
const DAY_SECONDS = 24 * 60 * 60;
export const SCOPE = "openid profile email";

export interface Setup {
  keys: Keys;
  origins: readonly string[];
  audience: string;
  clientId: string;
  port: number;
  /** Life of an access token. */
  tokenSeconds: number;
}

/** What the oidc-provider package is told: one public client, one audience, users from a list. */
export function configure(setup: Setup): Configuration {
  const { keys, origins, audience, clientId, port, tokenSeconds } = setup;
  return {
    jwks: { keys: [keys.signing] },
    cookies: {
      keys: keys.cookies,
      // Cookies know no ports: two systems on one machine would sign each other out.
      names: {
        session: `identity_${port}`,
        interaction: `identity_${port}_interaction`,
        resume: `identity_${port}_resume`,
      },
    },
    clients: [
      {
        client_id: clientId,
        client_name: "Outreach",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: origins.flatMap((origin) => [`${origin}/`, `${origin}/signed-in`]),
        post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
        id_token_signed_response_alg: "ES256",
      },
    ],
    clientAuthMethods: ["none"],
    responseTypes: ["code"],
    scopes: [...SCOPE.split(" "), "offline_access"],
    claims: { openid: ["sub"], profile: ["name", "roles"], email: ["email", "email_verified"] },
    pkce: { required: () => true },
    clientBasedCORS: (_ctx, origin) => origins.includes(origin),
    ttl: {
      AccessToken: tokenSeconds,
      AuthorizationCode: 60,
      IdToken: tokenSeconds,
      Interaction: 60 * 60,
      RefreshToken: 14 * DAY_SECONDS,
      Session: 14 * DAY_SECONDS,
      Grant: 14 * DAY_SECONDS,
    },
    // A refresh token for everyone: it lives as long as the session, and rotates at every use.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    findAccount(_ctx, id) {
      const user = findUser(id);
      if (!user) return undefined;
      const { name, email, roles } = user;
      return {
        accountId: id,
        claims: () => ({ sub: id, name, email, email_verified: true, roles: [...roles] }),
      };
    },
    // token() puts the claims into the model itself; the flow leaves them to the account.
    extraTokenClaims: (_ctx, token) =>
      token.extra ?? {
        roles: findUser((token as { accountId?: string }).accountId ?? "")?.roles ?? [],
      },
    // The one client is our own, so there is nothing to ask consent for.
    async loadExistingGrant(ctx) {
      const { client, session, provider } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const known = session.grantIdFor(client.clientId);
      const found = known ? await provider.Grant.find(known) : undefined;
      if (found) return found;
      const grant = new provider.Grant({
        clientId: client.clientId,
        accountId: session.accountId,
      });
      grant.addOIDCScope(`${SCOPE} offline_access`);
      await grant.save();
      return grant;
    },
    formats: {
      customizers: {
        jwt(_ctx, _token, { payload }) {
          payload["nbf"] = payload["iat"];
        },
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError(ctx, out) {
      ctx.type = "html";
      ctx.body = errorPage(out.error, out.error_description ?? "The request was refused.");
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // Every access token is for the desk, and a token with an audience cannot call userinfo; an
      // ID token carries the profile instead.
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => resourceServer(audience, tokenSeconds),
      },
      rpInitiatedLogout: {
        enabled: true,
        // With an ID token in hand it was the dashboard that asked, so nobody asks again; anyone
        // else's link shows the button (RP-Initiated Logout 1.0 section 2).
        logoutSource(ctx, form) {
          ctx.body = signOutPage(form, { atOnce: ctx.oidc.entities.IdTokenHint !== undefined });
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = signedOutPage();
        },
      },
    },
  };
}

/** How access tokens for the desk look: ES256 JWTs (RFC 9068), checked by the JWKS alone. */
export function resourceServer(audience: string, tokenSeconds: number): ResourceServer {
  return {
    scope: "",
    audience,
    accessTokenTTL: tokenSeconds,
    accessTokenFormat: "jwt",
    jwt: { sign: { alg: "ES256" } },
  };
}
