/**
 * Remembers, within one isolate, that a service is away, so that nobody waits for it in vain (the
 * circuit breaker of Nygard, "Release It!", chapter 5).
 */
export interface Breaker {
  /** Whether to ask the service now. When it is open, one caller after each pause is let through. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  readonly open: boolean;
}

/**
 * @param options.failures consecutive failures that open it
 * @param options.pauseMs for how long it stays open before one caller may try again
 */
export function createBreaker(options: {
  failures: number;
  pauseMs: number;
  now?: () => number;
}): Breaker {
  const { failures, pauseMs, now = Date.now } = options;
  let failed = 0;
  let tryAgainAt = 0;
  return {
    allows() {
      if (failed < failures) return true;
      if (now() < tryAgainAt) return false;
      // Claimed here, so that the callers that come meanwhile do not try as well.
      tryAgainAt = now() + pauseMs;
      return true;
    },
    succeeded() {
      failed = 0;
    },
    failed() {
      failed += 1;
      if (failed >= failures) tryAgainAt = now() + pauseMs;
    },
    get open() {
      return failed >= failures;
    },
  };
}
