/**
 * What `zod` exports, without what the Worker never calls: fifty translations of error messages, the
 * conversions from and to JSON Schema, the schema compiler. They are a fifth of the compressed
 * bundle, and no bundler can drop them, because `@hono/zod-openapi` passes the whole namespace on.
 *
 * `[alias]` in wrangler.toml puts this file in the place of the package when the Worker is built.
 * The modules below are zod's own, so there is one zod whichever way it is reached. Types, editors
 * and tests see the package itself; test/node/bundle.test.ts holds the two against each other.
 */
export * from "./parts.ts";
export * as z from "./parts.ts";
