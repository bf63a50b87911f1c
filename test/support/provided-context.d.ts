import "vitest";

/** What the tests inside workerd get from the Node side. */
declare module "vitest" {
  interface ProvidedContext {
    /** Where the browser lane finds the running system, and its files. */
    system: { url: string; issuer: string; dataDir: string };
    workerBindings: Record<string, string>;
    /** The variables that switch Turnstile on, against the local server of test/support/turnstile.ts. */
    turnstile: Record<string, string>;
    /** Access tokens of the local provider, by who they are for, and two that must not be accepted. */
    tokens: Record<"owner" | "employee" | "cashier" | "visitor" | "expired" | "foreign", string>;
  }
}
