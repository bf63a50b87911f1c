import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createApp, PREFIX } from "../../../src/app.ts";
import { listenTo } from "./said.ts";
import { rememberTyped } from "./typed.ts";

/**
 * The app on an environment of its own, so with caches that nobody has filled.
 * @param changes variables and bindings instead of the usual ones; `undefined` takes one away
 */
export function appWith(changes: Readonly<Record<string, unknown>> = {}) {
  const app = createApp();
  const own = { ...env, ...changes } as Env;
  const contexts: ExecutionContext[] = [];
  const send = (path: string, init: RequestInit) => {
    rememberTyped(init.body);
    const context = createExecutionContext();
    contexts.push(context);
    const at = path.startsWith("//") ? path.slice(1) : PREFIX + path;
    const request = new Request(`https://outreach.test${at}`, init);
    return { context, answer: app.fetch(request, own, context) };
  };
  return {
    /** @param path below the prefix unless it begins with `//` */
    async call(path: string, init: RequestInit = {}): Promise<Response> {
      return listenTo(path, await send(path, init).answer);
    },
    /** Resolves when everything is done that Cloudflare does for a caller who has gone. */
    async callAndLeave(path: string, init: RequestInit): Promise<void> {
      await waitOnExecutionContext(send(path, init).context);
    },
    /** Resolves when everything that the answers put off is done. */
    async settled(): Promise<void> {
      await Promise.all(contexts.map((context) => waitOnExecutionContext(context)));
    },
  };
}
