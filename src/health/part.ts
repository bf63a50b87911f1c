import type { Gauge } from "../telemetry/catalogue.ts";

/** `degraded`: it does its work, but somebody should look. */
export interface Verdict {
  readonly state: "up" | "degraded" | "down";
  /** For the operator; never a value of the configuration or of the data. */
  readonly detail?: string;
  /** The spool's: writes that wait, the age of the oldest in seconds, writes that were set aside. */
  readonly depth?: number;
  readonly oldestSeconds?: number;
  readonly setAside?: number;
}

/**
 * Something the service is made of. `/readyz` probes it and `/metrics` measures it; either may throw
 * or hang without hurting the others.
 */
export interface Part {
  readonly name: string;
  /** It can make an accepted write durable. As long as one such part can, the service is ready. */
  readonly storesWrites?: boolean;
  /** Throwing counts as `down`. */
  probe?(): Promise<Verdict>;
  measure?(): Promise<readonly Gauge[]>;
}

/** No part may take longer, in milliseconds. */
export const PART_TIMEOUT_MS = 1_000;
