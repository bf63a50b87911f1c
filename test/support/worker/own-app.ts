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
  return {
    /** @param path below the prefix unless it begins with `//` */
    async call(path: string, init: RequestInit = {}): Promise<Response> {
      rememberTyped(init.body);
      const context = createExecutionContext();
      contexts.push(context);
      const at = path.startsWith("//") ? path.slice(1) : PREFIX + path;
      const request = new Request(`https://outreach.test${at}`, init);
      return listenTo(path, await app.fetch(request, own, context));
    },
    /** Resolves when everything that the answers put off is done. */
    async settled(): Promise<void> {
      await Promise.all(contexts.map((context) => waitOnExecutionContext(context)));
    },
  };
}
