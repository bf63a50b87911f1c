import { decodeJwt } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Identity } from "../../dev/identity.ts";
import type { Browser } from "../../dev/sign-in.ts";
import { authorize, openBrowser, signIn } from "../../dev/sign-in.ts";
import {
  closeIdentities,
  DASHBOARD,
  ELSEWHERE,
  flowOf,
  locationOf,
  openAuthorization,
  openIdentity,
  openSignInPage,
  PKCE,
  redeemCode,
  refresh,
  verifyToken,
} from "../support/identity.ts";

let identity: Identity;

beforeEach(async () => {
  identity = await openIdentity();
});

afterEach(closeIdentities);

describe("the code flow", () => {
  test("gives an access token for the desk and an ID token with the profile", async () => {
    const { accessToken, idToken, refreshToken } = await signIn(flowOf(identity, "EMPLOYEE"));
    const { payload } = await verifyToken(identity, accessToken);
    expect(payload).toMatchObject({ sub: "emil", roles: ["EMPLOYEE"] });
    expect(decodeJwt(idToken)).toMatchObject({
      aud: identity.clientId,
      sub: "emil",
      name: "Emil Employee",
      email: "emil@example.test",
    });
    expect(refreshToken).toEqual(expect.any(String));
  });

  test("signs the visitor in, without roles", async () => {
    const { accessToken } = await signIn(flowOf(identity, "visitor"));
    expect((await verifyToken(identity, accessToken)).payload["roles"]).toEqual([]);
  });

  test("does not ask again while the session lasts", async () => {
    const { browser, url } = await openSignInPage(identity);
    const resume = await browser.post(url, { account: "olivia" });
    await browser.get(locationOf(resume).href);
    const answer = await openAuthorization(identity, { ...PKCE, prompt: "none" }, browser);
    const back = locationOf(answer);
    expect(back.origin).toBe(DASHBOARD);
    expect(back.searchParams.get("code")).toEqual(expect.any(String));
  });

  test("refuses a code with another verifier, and a code used twice", async () => {
    const { code, verifier } = await authorize(flowOf(identity));
    const wrong = await redeemCode(identity, { code, verifier: "x".repeat(43) });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: "invalid_grant" });
    expect((await redeemCode(identity, { code, verifier })).status).toBe(200);
    expect((await redeemCode(identity, { code, verifier })).status).toBe(400);
  });

  test("refuses an authorization request without PKCE", async () => {
    const response = await openAuthorization(identity, {});
    const back = locationOf(response);
    expect(back.origin).toBe(DASHBOARD);
    expect(back.searchParams.get("error")).toBe("invalid_request");
  });

  test("refuses a plain code challenge", async () => {
    const plain = { code_challenge: "a".repeat(43), code_challenge_method: "plain" };
    const response = await openAuthorization(identity, plain);
    const back = locationOf(response);
    expect(back.searchParams.get("error")).toBe("invalid_request");
  });

  test("never redirects to a URI that is not registered", async () => {
    const response = await openAuthorization(identity, {
      redirect_uri: `${ELSEWHERE}/signed-in`,
      ...PKCE,
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });

  test("cancelling leads back with access_denied", async () => {
    const { browser, url } = await openSignInPage(identity);
    const resume = await browser.post(url, { cancel: "yes" });
    const answer = await browser.get(locationOf(resume).href);
    const back = locationOf(answer);
    expect(back.searchParams.get("error")).toBe("access_denied");
  });

  test("renews by a refresh token that rotates, and a used one ends the grant", async () => {
    const { refreshToken } = await signIn(flowOf(identity));
    const renewed = await refresh(identity, refreshToken);
    expect(renewed.status).toBe(200);
    expect((await verifyToken(identity, renewed.body.access_token)).payload["roles"]).toEqual([
      "OWNER",
    ]);
    expect(renewed.body.refresh_token).not.toBe(refreshToken);

    expect((await refresh(identity, refreshToken)).body.error).toBe("invalid_grant");
    expect((await refresh(identity, renewed.body.refresh_token)).body.error).toBe("invalid_grant");
  });
});

describe("another origin's script", () => {
  test("may redeem a code when it is the dashboard's", async () => {
    const { code, verifier } = await authorize(flowOf(identity));
    const response = await redeemCode(identity, { code, verifier }, { origin: DASHBOARD });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(DASHBOARD);
  });

  test("may not when it is not", async () => {
    const { code, verifier } = await authorize(flowOf(identity));
    const response = await redeemCode(identity, { code, verifier }, { origin: ELSEWHERE });
    expect(response.status).toBe(400);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(await response.json()).not.toHaveProperty("access_token");
  });
});

describe("the sign-in page", () => {
  test("offers every user and says what it is", async () => {
    const { response } = await openSignInPage(identity);
    const html = await response.text();
    expect(html).toContain("<title>Sign in – local identity</title>");
    for (const user of identity.users) {
      expect(html).toContain(`value="${user.id}"`);
      expect(html).toContain(user.name);
    }
  });

  test("loads nothing, and its policy would not let it", async () => {
    const { response } = await openSignInPage(identity);
    const html = await response.text();
    expect(html).not.toMatch(/\b(src|href|action|srcset)=["'](https?:)?\/\//i);
    expect(html).not.toMatch(/@import|url\(|<script|<link|<img/i);

    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`form-action 'self' ${DASHBOARD}`);
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("refuses a user it did not offer", async () => {
    const { browser, url } = await openSignInPage(identity);
    expect((await browser.post(url, { account: "mallory" })).status).toBe(400);
  });

  test("refuses a form that is no choice", async () => {
    const { browser, url } = await openSignInPage(identity);
    const response = await browser.post(url, { account: "olivia", more: "o".repeat(5000) });
    expect(response.status).toBe(400);
  });

  test("is only shown to the browser that began the sign-in", async () => {
    const { url } = await openSignInPage(identity);
    expect((await openBrowser().get(url)).status).toBe(400);
    expect((await openBrowser().post(url, { account: "olivia" })).status).toBe(400);
  });
});

describe("signing out", () => {
  async function signInWith(browser: Browser) {
    const { code, verifier } = await authorize(flowOf(identity), browser);
    const response = await redeemCode(identity, { code, verifier });
    return (await response.json()) as { id_token: string; refresh_token: string };
  }

  async function openSignOut(browser: Browser, parameters: Record<string, string>) {
    const query = new URLSearchParams({
      post_logout_redirect_uri: `${DASHBOARD}/`,
      ...parameters,
    });
    return browser.get(`${identity.issuer}/session/end?${query}`);
  }

  test("by the dashboard is a page that submits itself, and ends session and tokens", async () => {
    const browser = openBrowser();
    const tokens = await signInWith(browser);
    const page = await openSignOut(browser, { id_token_hint: tokens.id_token, state: "s1" });
    const html = await page.text();
    expect(html).toContain("<script>");

    const action = /action="([^"]+)"/.exec(html)?.[1] ?? "";
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const done = await browser.post(action, { xsrf, logout: "yes" });
    expect(done.headers.get("location")).toBe(`${DASHBOARD}/?state=s1`);

    expect((await refresh(identity, tokens.refresh_token)).body.error).toBe("invalid_grant");
    const again = await openAuthorization(identity, { ...PKCE, prompt: "none" }, browser);
    const back = locationOf(again);
    expect(back.searchParams.get("error")).toBe("login_required");
  });

  test("by anybody's link waits for a click", async () => {
    const browser = openBrowser();
    await signInWith(browser);
    const html = await (await openSignOut(browser, { client_id: identity.clientId })).text();
    expect(html).toContain("<button");
    expect(html).not.toContain("<script");
  });

  test("never leads to an address that is not registered", async () => {
    const browser = openBrowser();
    const tokens = await signInWith(browser);
    const response = await openSignOut(browser, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${ELSEWHERE}/`,
    });
    expect(response.status).toBe(400);
  });
});
