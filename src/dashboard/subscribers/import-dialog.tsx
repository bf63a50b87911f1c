import { CircleCheck, FileUp, Upload } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { ApiProblem, toProblem } from "../api/problem.ts";
import { sayBytes } from "../transfer/say-bytes.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNotice } from "../ui/form-dialog.tsx";
import { ImportErrors } from "./import-errors.tsx";
import { countLines, type ImportReport, runImport } from "./run-import.ts";

type Stage =
  | { readonly at: "choosing" }
  | { readonly at: "checking" | "importing"; readonly read: number }
  | { readonly at: "checked" | "done"; readonly report: ImportReport }
  | { readonly at: "failed"; readonly problem: ApiProblem; readonly dryRun: boolean };

/** A file of addresses: first what would become of each line, then the import itself. */
export function ImportDialog(props: { onClose: () => void; onImported: () => void }) {
  const { onClose, onImported } = props;
  const [stage, setStage] = useState<Stage>({ at: "choosing" });
  const [file, setFile] = useState<File>();
  const [lines, setLines] = useState(0);
  const stopper = useRef<AbortController>(undefined);
  useEffect(() => () => stopper.current?.abort(), []);

  async function run(file: File, dryRun: boolean): Promise<void> {
    const at = dryRun ? "checking" : "importing";
    const controller = new AbortController();
    stopper.current = controller;
    setStage({ at, read: 0 });
    try {
      const report = await runImport({
        file,
        dryRun,
        signal: controller.signal,
        onProgress: (read) => setStage({ at, read }),
      });
      setStage({ at: dryRun ? "checked" : "done", report });
    } catch (error) {
      if (controller.signal.aborted && dryRun) setStage({ at: "choosing" });
      else if (controller.signal.aborted) setStage({ at: "failed", problem: stopped(), dryRun });
      else setStage({ at: "failed", problem: toProblem(error), dryRun });
    }
    if (!dryRun) onImported();
  }

  async function choose(file: File): Promise<void> {
    setFile(file);
    setStage({ at: "checking", read: 0 });
    setLines(await countLines(file).catch(() => 0));
    await run(file, true);
  }

  const running = stage.at === "checking" || stage.at === "importing";
  return (
    <Dialog
      title="Import subscribers"
      isOpen
      wide
      isDismissable={!running}
      isBusy={running}
      onClose={onClose}
    >
      {stage.at === "choosing" && <Chooser onFile={(file) => void choose(file)} />}
      {file && stage.at !== "choosing" && (
        <p className="quiet-text any-break">
          {file.name}, {sayBytes(file.size)}
        </p>
      )}
      {running && (
        <div className="progress-box">
          {/* Without a value it only says that something is going on. */}
          <progress
            className="progress"
            aria-label={stage.at === "checking" ? "Lines checked" : "Lines imported"}
            {...(stage.read > 0 ? { max: Math.max(lines, stage.read), value: stage.read } : {})}
          />
          <p className="num">
            {stage.at === "checking" ? "Checking" : "Importing"}: {stage.read.toLocaleString()} of{" "}
            {sayLines(lines)}
          </p>
        </div>
      )}
      <div role="status">
        {stage.at === "checked" && <Forecast report={stage.report} />}
        {stage.at === "done" && <Outcome report={stage.report} />}
      </div>
      {"report" in stage && stage.report.errors.length > 0 && file && (
        <ImportErrors report={stage.report} filename={file.name} />
      )}
      {stage.at === "failed" && (
        <>
          <ProblemNotice problem={stage.problem} />
          {!stage.dryRun && (
            <p className="quiet-text">
              What was added before stays. The same file can be imported again without harm: whoever
              is known is skipped.
            </p>
          )}
        </>
      )}
      <div className="actions">
        {running && <Button onPress={() => stopper.current?.abort()}>Stop</Button>}
        {(stage.at === "choosing" || stage.at === "checked" || stage.at === "failed") && (
          <Button onPress={onClose}>Cancel</Button>
        )}
        {(stage.at === "checked" || stage.at === "failed") && (
          <Button onPress={() => setStage({ at: "choosing" })}>Another file</Button>
        )}
        {stage.at === "failed" && file && (
          <Button look="primary" onPress={() => void run(file, stage.dryRun)}>
            Try again
          </Button>
        )}
        {stage.at === "checked" && file && stage.report.added > 0 && (
          <Button look="primary" onPress={() => void run(file, false)}>
            <Upload size={16} aria-hidden="true" /> Import {stage.report.added.toLocaleString()}
          </Button>
        )}
        {stage.at === "done" && (
          <Button look="primary" onPress={onClose}>
            Close
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function stopped(): ApiProblem {
  return new ApiProblem({ code: "stopped", status: 0, title: "The import was stopped" });
}

function Chooser({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const id = useId();
  return (
    <>
      <p>
        CSV from any spreadsheet, or NDJSON. The first line of a CSV names the columns:{" "}
        <code>email</code>, and if you have them <code>name</code>, <code>source</code>,{" "}
        <code>locale</code>, <code>subscribedAt</code>, <code>consentWording</code>,{" "}
        <code>consentPage</code>, <code>consentAt</code>.
      </p>
      <p className="quiet-text">
        Whoever is known, has left or was erased is skipped: an import brings nobody back. Nothing
        is stored before you have seen what would become of it.
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a file may also be dropped; the field inside does the same by keyboard */}
      <div
        className={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const [file] = event.dataTransfer.files;
          if (file) onFile(file);
        }}
      >
        <FileUp size={24} strokeWidth={1.75} aria-hidden="true" />
        <input
          id={id}
          type="file"
          className="sr"
          accept=".csv,.tsv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file) onFile(file);
          }}
        />
        <label htmlFor={id} className="button">
          Choose a file
        </label>
        <span className="quiet-text only-wide">or drop it here</span>
      </div>
    </>
  );
}

function Forecast({ report }: { report: ImportReport }) {
  const { read, added, skipped } = report;
  return (
    <p>
      Of {sayLines(read)}, <strong>{added.toLocaleString()}</strong> would be added and{" "}
      <strong>{skipped.toLocaleString()}</strong> skipped. Nothing has been stored yet.
    </p>
  );
}

function Outcome({ report }: { report: ImportReport }) {
  return (
    <p className="done-line">
      <CircleCheck size={18} aria-hidden="true" />
      <span>
        Added {report.added.toLocaleString()}, skipped {report.skipped.toLocaleString()} of{" "}
        {sayLines(report.read)}.
      </span>
    </p>
  );
}

function sayLines(lines: number): string {
  return lines === 1 ? "1 line" : `${lines.toLocaleString()} lines`;
}
