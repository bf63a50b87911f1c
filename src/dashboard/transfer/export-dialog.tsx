import { CircleCheck, Download } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { type ApiProblem, throwProblem, toProblem } from "../api/problem.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNotice } from "../ui/form-dialog.tsx";
import { createRowCounter, type ExportFormat } from "./row-counter.ts";
import { openSink } from "./save-file.ts";
import { sayBytes } from "./say-bytes.ts";

const FORMATS = {
  csv: { name: "CSV, for spreadsheets", type: "text/csv", extension: ".csv" },
  ndjson: { name: "NDJSON, for programs", type: "application/x-ndjson", extension: ".ndjson" },
} as const satisfies Record<ExportFormat, { name: string; type: string; extension: string }>;

/** The part of an answer that a download needs; what `hc` answers with has it. */
interface Answer {
  readonly ok: boolean;
  readonly body: ReadableStream | null;
}

interface Progress {
  readonly rows: number;
  readonly bytes: number;
}

type Stage =
  | { readonly at: "choosing" | "asking" }
  | ({ readonly at: "running" | "done" } & Progress)
  | { readonly at: "failed"; readonly problem: ApiProblem };

/**
 * Saves a list as a file, as it comes, with progress and a way to stop.
 * @param props.begin asks for the file
 * @param props.expected rows, where that is known beforehand
 */
export function ExportDialog(props: {
  title: string;
  /** Of the file, without date and extension. */
  filename: string;
  children: ReactNode;
  begin: (format: ExportFormat, signal: AbortSignal) => Promise<Answer>;
  expected: number | undefined;
  onClose: () => void;
}) {
  const { title, filename, children, begin, expected, onClose } = props;
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [stage, setStage] = useState<Stage>({ at: "choosing" });
  const stopper = useRef<AbortController>(undefined);
  const id = useId();
  useEffect(() => () => stopper.current?.abort(), []);

  async function run(): Promise<void> {
    setStage({ at: "asking" });
    const { type, extension } = FORMATS[format];
    const day = new Date().toISOString().slice(0, 10);
    const sink = await openSink({ name: `${filename}-${day}${extension}`, type, extension });
    if (!sink) return setStage({ at: "choosing" });
    const controller = new AbortController();
    stopper.current = controller;
    try {
      setStage({ at: "running", rows: 0, bytes: 0 });
      const answer = await begin(format, controller.signal);
      if (!answer.ok || !answer.body) return await throwProblem(answer as unknown as Response);
      const countRows = createRowCounter(format);
      let progress: Progress = { rows: 0, bytes: 0 };
      for await (const chunk of chunksOf(answer.body)) {
        await sink.write(chunk);
        progress = { rows: countRows(chunk), bytes: progress.bytes + chunk.byteLength };
        setStage({ at: "running", ...progress });
      }
      await sink.close();
      setStage({ at: "done", ...progress });
    } catch (error) {
      // It may be what failed.
      await sink.abort().catch(() => undefined);
      if (controller.signal.aborted) setStage({ at: "choosing" });
      else setStage({ at: "failed", problem: toProblem(error) });
    }
  }

  const running = stage.at === "running";
  return (
    <Dialog title={title} isOpen isDismissable={!running} isBusy={running} onClose={onClose}>
      <div className="quiet-text">{children}</div>
      {(stage.at === "choosing" || stage.at === "asking") && (
        <fieldset className="choices">
          <legend className="sr">Format</legend>
          {Object.entries(FORMATS).map(([key, { name }]) => (
            <label key={key} className="choice">
              <input
                type="radio"
                name={`${id}-format`}
                checked={format === key}
                onChange={() => setFormat(key as ExportFormat)}
              />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      {running && <Running {...stage} expected={expected} />}
      <div role="status">
        {stage.at === "done" && (
          <p className="done-line">
            <CircleCheck size={18} aria-hidden="true" /> Saved {sayRows(stage.rows)},{" "}
            {sayBytes(stage.bytes)}.
          </p>
        )}
      </div>
      {stage.at === "failed" && (
        <>
          <ProblemNotice problem={stage.problem} />
          <p className="quiet-text">No file was kept, since it would not have been whole.</p>
        </>
      )}
      <div className="actions">
        {stage.at === "done" ? (
          <Button look="primary" onPress={onClose}>
            Close
          </Button>
        ) : running ? (
          <Button onPress={() => stopper.current?.abort()}>Stop</Button>
        ) : (
          <>
            <Button onPress={onClose}>Cancel</Button>
            <Button
              look="primary"
              isDisabled={stage.at === "asking"}
              onPress={() => {
                void run();
              }}
            >
              <Download size={16} aria-hidden="true" />
              {stage.at === "failed" ? "Try again" : "Save file"}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function Running({ rows, bytes, expected }: Progress & { expected: number | undefined }) {
  return (
    <div className="progress-box">
      {/* Without a value it only says that something is going on. */}
      <progress
        className="progress"
        aria-label="Rows saved"
        {...(expected ? { max: Math.max(expected, rows), value: rows } : {})}
      />
      <p className="num">
        {expected ? `${rows.toLocaleString()} of ${sayRows(expected)}` : sayRows(rows)},{" "}
        {sayBytes(bytes)}
      </p>
    </div>
  );
}

function sayRows(rows: number): string {
  return rows === 1 ? "1 row" : `${rows.toLocaleString()} rows`;
}

/** Not every browser iterates a stream by itself. */
async function* chunksOf(body: ReadableStream): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
