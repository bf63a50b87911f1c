import { databaseFailure } from "../db/errors.ts";
import { Problem } from "../http/problem.ts";
import { type Logger, nameOf } from "../telemetry/logger.ts";
import type { ImportMessage } from "./import-schema.ts";

/**
 * An answer that tells how work goes while it is done. It does not wait for its reader: a browser reads
 * nothing before it has sent its whole file, and each would wait for the other. What is told is bounded,
 * so what waits to be read is.
 * @throws what the work throws before it has anything to tell
 */
export async function answerWhileWorking(
  messages: AsyncGenerator<ImportMessage>,
  log: Logger,
): Promise<Response> {
  const encoder = new TextEncoder();
  const first = await messages.next();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = (message: unknown) =>
        controller.enqueue(encoder.encode(`${JSON.stringify(message)}\n`));
      void work().catch(() => {});

      async function work() {
        let counters = { read: 0, added: 0, skipped: 0 };
        try {
          for (let next = first; !next.done; next = await messages.next()) {
            const message = next.value;
            if (message.type === "progress") {
              const { read, added, skipped } = message;
              counters = { read, added, skipped };
            }
            tell(message);
          }
        } catch (error) {
          const { code, title, detail } = problemOf(error, log);
          tell({
            type: "problem",
            code,
            title,
            ...(detail !== undefined && { detail }),
            ...counters,
          });
        }
        controller.close();
      }
    },
    // Whoever asked is gone: the file is not read any further.
    async cancel() {
      await messages.return(undefined);
    },
  });
  return new Response(body, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
  });
}

function problemOf(error: unknown, log: Logger): Problem {
  if (error instanceof Problem) return error;
  const failure = databaseFailure(error);
  log.error("import broken off", {
    error: nameOf(error),
    code: failure?.code,
  });
  const away = failure?.kind === "unavailable" || failure?.kind === "contention";
  return new Problem(away ? "database_unavailable" : "internal_error");
}
