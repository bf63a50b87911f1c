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

/** Rows by status, from the database's own counts; by the gauge that tells them. */
export function countsPart(
  counts: Readonly<
    Record<
      "outreach_inquiries" | "outreach_subscribers",
      () => Promise<Readonly<Record<string, number>>>
    >
  >,
): Part {
  const measured = async (name: keyof typeof counts) =>
    Object.entries(await counts[name]()).map(
      ([status, count]) => [name, { status }, count] as const,
    );
  return {
    name: "counts",
    async measure() {
      const both = [measured("outreach_inquiries"), measured("outreach_subscribers")];
      return (await Promise.all(both)).flat();
    },
  };
}
