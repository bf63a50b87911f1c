import { reset } from "cloudflare:test";
import { vi } from "vitest";

/**
 * The first thing in every file: modules are evaluated anew, and no Durable Object has ever been. The
 * files of a lane share one workerd (`isolate: false`), because starting it and sending it every module
 * takes three times as long as the tests themselves.
 */
vi.resetModules();
await reset();
