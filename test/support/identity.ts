import { createRemoteJWKSet, jwtVerify } from "jose";
import type { Identity, IdentityOptions } from "../../dev/identity.ts";
import { startIdentity } from "../../dev/identity.ts";
import type { Browser, SignInOptions, TokenAnswer } from "../../dev/sign-in.ts";
import { challengeOf, openBrowser, redeem } from "../../dev/sign-in.ts";

/** What the tests of the local identity provider share: a provider, and steps of the code flow. */

export const DASHBOARD = "http://localhost:8787";
export const ELSEWHERE = "http://localhost:9999";
export const REDIRECT_URI = `${DASHBOARD}/signed-in`;

/** A code challenge for flows whose code nobody redeems. */
export const PKCE = {
  code_challenge: challengeOf("a".repeat(43)),
  code_challenge_method: "S256",
};

const opened = new Set<Identity>();

export async function openIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const identity = await startIdentity({ dashboardOrigins: [DASHBOARD], ...options });
  opened.add(identity);
  return identity;
}

/** Closes what openIdentity opened, also what a test has closed itself. */
export async function closeIdentities(): Promise<void> {
  await Promise.all([...opened].map((identity) => identity.close()));
  opened.clear();
}

/** A check as the desk API makes it, by a JWKS fetched now. */
export async function verifyToken(identity: Identity, token: string | undefined) {
  return jwtVerify(token ?? "", createRemoteJWKSet(new URL(identity.jwksUrl)), {
    issuer: identity.issuer,
    audience: identity.audience,
    algorithms: ["ES256"],
    requiredClaims: ["sub", "exp", "nbf", "iat"],
  });
}

export function flowOf({ issuer, clientId }: Identity, user = "OWNER"): SignInOptions {
  return { issuer, clientId, redirectUri: REDIRECT_URI, user };
}

export async function redeemCode(
  identity: Identity,
  { code, verifier }: { code: string; verifier: string },
  headers?: Record<string, string>,
): Promise<Response> {
  const form = {
    grant_type: "authorization_code",
    client_id: identity.clientId,
    redirect_uri: REDIRECT_URI,
    code,
    code_verifier: verifier,
  };
  return redeem(identity.issuer, form, headers);
}

export async function refresh(identity: Identity, refreshToken: string | undefined) {
  const response = await redeem(identity.issuer, {
    grant_type: "refresh_token",
    client_id: identity.clientId,
    refresh_token: refreshToken ?? "",
  });
  const body = (await response.json()) as TokenAnswer;
  return { status: response.status, body };
}

export async function openAuthorization(
  identity: Identity,
  parameters: Record<string, string>,
  browser: Browser = openBrowser(),
): Promise<Response> {
  const query = new URLSearchParams({
    client_id: identity.clientId,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "openid",
    ...parameters,
  });
  return browser.get(`${identity.issuer}/auth?${query}`);
}

export async function openSignInPage(identity: Identity) {
  const browser = openBrowser();
  const url = locationOf(await openAuthorization(identity, PKCE, browser), identity.issuer);
  return { url: url.href, browser, response: await browser.get(url.href) };
}

export function locationOf(response: Response, base?: string): URL {
  return new URL(response.headers.get("location") ?? "", base);
}
