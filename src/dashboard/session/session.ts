import { ErrorResponse, type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { unreachable } from "../api/problem.ts";
import { siteConfig } from "./config.ts";

export type Session =
  | { readonly state: "loading" | "signed-out" }
  /** Was signed in, and renewal failed: what is on the screen stays. */
  | { readonly state: "ended"; readonly user: User }
  | { readonly state: "failed"; readonly reason: "unreachable" | "refused" }
  | { readonly state: "signed-in"; readonly user: User };

/** Where a sign-in comes back to; registered with the provider. */
const CALLBACK = "/signed-in";
/** Where it was begun, should coming back not succeed. */
const BEGUN_AT = "outreach.sign-in";

const manager = new UserManager({
  authority: siteConfig.issuer,
  client_id: siteConfig.clientId,
  redirect_uri: `${location.origin}${CALLBACK}`,
  post_logout_redirect_uri: `${location.origin}/`,
  resource: siteConfig.audience,
  scope: "openid profile email offline_access",
  // The tab's own storage: gone with the tab, and out of other tabs' reach.
  userStore: new WebStorageStateStore({ store: sessionStorage }),
  stateStore: new WebStorageStateStore({ store: sessionStorage }),
  automaticSilentRenew: false,
  loadUserInfo: false,
});

let session: Session = { state: "loading" };
const listeners = new Set<() => void>();

function become(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export const sessionStore = {
  get: () => session,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

manager.events.addUserLoaded((user) => become({ state: "signed-in", user }));
// By one way only: two renewals at once would use a refresh token twice, which ends the session.
manager.events.addAccessTokenExpiring(() => void renew());
manager.events.addAccessTokenExpired(() => void accessToken().catch(() => undefined));

/** Finishes a sign-in that is coming back, or finds one that is still good. Called once. */
export async function restoreSession(): Promise<void> {
  try {
    if (location.pathname === CALLBACK) {
      const user = await manager.signinCallback();
      history.replaceState(null, "", localPath(user?.state));
      become(user ? { state: "signed-in", user } : { state: "signed-out" });
      return;
    }
    const kept = await manager.getUser();
    if (!kept) return become({ state: "signed-out" });
    if (!kept.expired) return become({ state: "signed-in", user: kept });
    const renewed = await renew();
    if (renewed === "unreachable") become({ state: "failed", reason: renewed });
    else if (renewed === "refused") become({ state: "signed-out" });
  } catch (error) {
    if (location.pathname === CALLBACK) {
      history.replaceState(null, "", localPath(sessionStorage.getItem(BEGUN_AT)));
    }
    become({ state: "failed", reason: error instanceof TypeError ? "unreachable" : "refused" });
  }
}

/** Only a path of ours: what comes back from the provider must not lead elsewhere. */
function localPath(state: unknown): string {
  return typeof state === "string" && /^\/(?!\/)/.test(state) ? state : "/";
}

export async function signIn(): Promise<void> {
  const here = location.pathname === CALLBACK ? "/" : location.pathname + location.search;
  sessionStorage.setItem(BEGUN_AT, here);
  try {
    await manager.signinRedirect({ state: here });
  } catch {
    become({ state: "failed", reason: "unreachable" });
  }
}

export async function signOut(): Promise<void> {
  await manager.signoutRedirect().catch(async () => {
    // The provider is away; here at least the tokens go.
    await manager.removeUser();
    become({ state: "signed-out" });
  });
}

type Renewal = User | "refused" | "unreachable";
let renewal: Promise<Renewal> | undefined;

/** By refresh token; whoever finds an expired token meanwhile waits for the same renewal. */
function renew(): Promise<Renewal> {
  renewal ??= exchange().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function exchange(): Promise<Renewal> {
  try {
    const kept = await manager.getUser();
    // Without one the library would look for a hidden frame, which we do not have.
    if (!kept?.refresh_token) return "refused";
    return (await manager.signinSilent()) ?? "refused";
  } catch (error) {
    // RFC 6749 section 5.2 has an answer for a grant that is over; all else may pass.
    const over = error instanceof ErrorResponse && error.error === "invalid_grant";
    return over ? "refused" : "unreachable";
  }
}

/**
 * A token to ask with; undefined when the session has ended.
 * @param options.fresh the last one was refused: get another
 * @throws {ApiProblem} `unreachable` when it has expired and the provider is away: the session may
 *   still be good
 */
export async function accessToken(options: { fresh?: boolean } = {}): Promise<string | undefined> {
  if (session.state !== "signed-in") return undefined;
  const { user } = session;
  if (!user.expired && !options.fresh) return user.access_token;
  const renewed = await renew();
  if (renewed === "unreachable") throw unreachable();
  if (renewed !== "refused") return renewed.access_token;
  become({ state: "ended", user });
  return undefined;
}
