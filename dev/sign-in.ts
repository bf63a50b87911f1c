import { createHash, randomBytes } from "node:crypto";
import { findUser } from "./identity-users.ts";

/**
 * A scripted person at a scripted browser: signs in at the local provider by the same code flow
 * with PKCE (RFC 7636) that the dashboard uses. Nothing here knows the provider's keys.
 */

export interface SignInOptions {
  issuer: string;
  clientId: string;
  /** One of the client's registered redirect URIs; nothing has to listen there. */
  redirectUri: string;
  /** A role name in any case, `VISITOR`, or a user id. */
  user: string;
}

export interface Tokens {
  accessToken: string;
  idToken: string;
  refreshToken?: string;
}

/** Follows no redirect by itself and keeps cookies by path, as RFC 6265 section 5.1.4 says. */
export interface Browser {
  get(url: string): Promise<Response>;
  post(url: string, form: Record<string, string>): Promise<Response>;
}

export async function signIn(options: SignInOptions): Promise<Tokens> {
  const { code, verifier } = await authorize(options);
  const response = await redeem(options.issuer, {
    grant_type: "authorization_code",
    client_id: options.clientId,
    redirect_uri: options.redirectUri,
    code,
    code_verifier: verifier,
  });
  const body = (await response.json()) as TokenAnswer;
  const { access_token: accessToken, id_token: idToken, refresh_token: refreshToken } = body;
  if (!response.ok || !accessToken || !idToken) {
    throw new Error(`The token endpoint answered ${response.status} ${body.error ?? ""}`.trim());
  }
  return { accessToken, idToken, ...(refreshToken && { refreshToken }) };
}

/** The browser's half of the flow: up to the authorization code, not yet redeemed. */
export async function authorize(
  options: SignInOptions,
  browser: Browser = openBrowser(),
): Promise<{ code: string; verifier: string }> {
  const user = findUser(options.user);
  if (!user) throw new Error(`The local identity provider has no user "${options.user}"`);

  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const { authorization_endpoint: authorizationEndpoint } = await discover(options.issuer);
  const request = new URL(authorizationEndpoint);
  request.search = new URLSearchParams({
    client_id: options.clientId,
    redirect_uri: options.redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state,
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
  }).toString();

  const page = locationOf(await browser.get(request.href), request.href);
  const html = await (await browser.get(page)).text();
  if (!html.includes(`name="account" value="${user.id}"`)) {
    throw new Error(`The sign-in page at ${page} does not offer ${user.name}`);
  }
  const resume = locationOf(await browser.post(page, { account: user.id }), page);
  const answer = new URL(locationOf(await browser.get(resume), resume));

  const code = answer.searchParams.get("code");
  if (!code || answer.searchParams.get("state") !== state) {
    throw new Error(`Sign-in ended without a code: ${answer.searchParams.get("error")}`);
  }
  return { code, verifier };
}

/** One request to the token endpoint, its answer untouched. */
export async function redeem(
  issuer: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { token_endpoint: tokenEndpoint } = await discover(issuer);
  return fetch(tokenEndpoint, { method: "POST", body: new URLSearchParams(form), headers });
}

/** The S256 code challenge of a verifier, RFC 7636 section 4.2. */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

export function openBrowser(): Browser {
  const jar = new Map<string, { value: string; path: string }>();

  async function send(url: string, init: RequestInit): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...jar]
      .filter(([, { path }]) => covers(path, pathname))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) keep(line);
    return response;
  }

  function keep(line: string): void {
    const [pair = "", ...attributes] = line.split(/; */);
    const name = pair.slice(0, pair.indexOf("="));
    const read = (key: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const expires = read("expires");
    if (expires && Date.parse(expires) <= Date.now()) jar.delete(name);
    else jar.set(name, { value: pair.slice(name.length + 1), path: read("path") ?? "/" });
  }

  return {
    get: (url) => send(url, {}),
    post: (url, form) => send(url, { method: "POST", body: new URLSearchParams(form) }),
  };
}

/** What the token endpoint answers, RFC 6749 sections 5.1 and 5.2. */
export interface TokenAnswer {
  access_token?: string;
  id_token?: string;
  refresh_token?: string;
  error?: string;
}

interface Discovery {
  authorization_endpoint: string;
  token_endpoint: string;
}

async function discover(issuer: string): Promise<Discovery> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  if (!response.ok) throw new Error(`${issuer} answered ${response.status} to discovery`);
  return (await response.json()) as Discovery;
}

function locationOf(response: Response, base: string): string {
  const location = response.headers.get("location");
  if (!location) throw new Error(`${base} answered ${response.status} and led nowhere`);
  return new URL(location, base).href;
}

function covers(path: string, pathname: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}
