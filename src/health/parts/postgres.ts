import type { Part } from "../part.ts";

/** @param options.requireWritable throws when the database does not answer or takes no writes */
export function postgresPart(options: { requireWritable: () => Promise<void> }): Part {
  return {
    name: "postgres",
    storesWrites: true,
    async probe() {
      await options.requireWritable();
      return { state: "up" };
    },
  };
}

/**
 * Whether the database has every migration this version was built with. One that is ahead is right:
 * that is what a rollback finds (ADR-0011).
 */
export function migrationsPart(options: {
  known: readonly { when: number; tag: string }[];
  applied: () => Promise<ReadonlySet<number>>;
}): Part {
  return {
    name: "migrations",
    async probe() {
      const applied = await options.applied();
      const missing = options.known.filter(({ when }) => !applied.has(when));
      return missing.length === 0
        ? { state: "up" }
        : { state: "degraded", detail: `missing: ${missing.map(({ tag }) => tag).join(", ")}` };
    },
  };
}

/** Rows by status, from the database's own counts. */
export function countsPart(options: {
  inquiries: () => Promise<Readonly<Record<string, number>>>;
}): Part {
  return {
    name: "counts",
    async measure() {
      const inquiries = await options.inquiries();
      return Object.entries(inquiries).map(
        ([status, count]) => ["outreach_inquiries", { status }, count] as const,
      );
    },
  };
}
