import type { IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import type { InteractionResults } from "oidc-provider";
import { errors } from "oidc-provider";
import { errorPage, signInPage } from "./identity-pages.ts";
import { findUser, users } from "./identity-users.ts";

/** The part of Koa's context that the sign-in page needs. */
interface Context {
  req: IncomingMessage;
  res: Parameters<Provider["interactionDetails"]>[1];
  method: string;
  path: string;
  status: number;
  type: string;
  body: unknown;
  set(name: string, value: string): void;
  redirect(url: string): void;
}

/** A choice is some dozen bytes; who sends more does not come from our page. */
const MAX_FORM_BYTES = 1024;

/**
 * Serves `/interaction/:uid`: GET shows the users, POST takes the choice and goes on with the flow.
 * The interaction's cookie is bound to this path and `SameSite=Lax`, so another site cannot post.
 */
export async function interact(provider: Provider, ctx: Context): Promise<void> {
  ctx.set("cache-control", "no-store");
  try {
    const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
    // Asked for by prompt=consent only; the first-party client has it already.
    if (prompt.name === "consent") return await finish(provider, ctx, { consent: {} });
    if (ctx.method !== "POST") {
      ctx.type = "html";
      ctx.body = signInPage(ctx.path, users);
      return;
    }
    const form = await readForm(ctx.req);
    if (form.has("cancel")) return await finish(provider, ctx, { error: "access_denied" });
    const user = findUser(form.get("account") ?? "");
    if (!user) throw new errors.InvalidRequest("There is no such user here.");
    await finish(provider, ctx, { login: { accountId: user.id } });
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    ctx.status = error.status;
    ctx.type = "html";
    ctx.body = errorPage(
      error.error,
      error instanceof errors.SessionNotFound
        ? "This sign-in has expired, or was begun in another browser."
        : (error.error_description ?? "The request was refused."),
    );
  }
}

async function finish(provider: Provider, ctx: Context, result: InteractionResults): Promise<void> {
  const returnTo = await provider.interactionResult(ctx.req, ctx.res, result);
  ctx.status = 303;
  ctx.redirect(returnTo);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_FORM_BYTES) throw new errors.InvalidRequest("The form is too large.");
  }
  return new URLSearchParams(text);
}
