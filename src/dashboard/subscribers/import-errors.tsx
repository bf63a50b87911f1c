import { Download } from "lucide-react";
import { toCsv } from "../transfer/csv.ts";
import { saveBlob } from "../transfer/save-file.ts";
import { Button } from "../ui/button.tsx";
import type { ImportReport, LineError } from "./run-import.ts";

const REASONS: Readonly<Record<LineError["code"], string>> = {
  invalid_line: "Not a line of data",
  invalid_value: "A value that cannot be taken",
  duplicate_in_file: "Twice in this file",
  subscriber_active: "On the list already",
  subscriber_unsubscribed: "Has left",
  subscriber_in_bin: "In the bin",
  subscriber_erased: "Was erased; only they can sign up again",
};

/** Which lines were skipped and why, also as a file to correct the other one by. */
export function ImportErrors({ report, filename }: { report: ImportReport; filename: string }) {
  const { errors, errorsOmitted, skippedByCode } = report;
  const save = () => {
    const rows = errors.map(({ line, code, field = "", detail }) => [line, code, field, detail]);
    const name = `${filename.replace(/\.[^.]*$/, "")}-skipped.csv`;
    saveBlob(toCsv([["line", "code", "field", "detail"], ...rows]), name);
  };
  return (
    <section className="import-errors" aria-labelledby="skipped-title">
      <div className="card-head">
        <div>
          <h3 id="skipped-title">Skipped</h3>
          <p>{sayCodes(skippedByCode)}</p>
        </div>
        <Button onPress={save}>
          <Download size={16} aria-hidden="true" /> Save as CSV
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section className="scroll-x tall" tabIndex={0} aria-label="Skipped lines">
        <table className="table">
          <thead>
            <tr>
              <th scope="col" className="right">
                Line
              </th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {errors.map((error) => (
              <tr key={error.line}>
                <th scope="row" className="right num">
                  {error.line.toLocaleString()}
                </th>
                <td>{sayWhy(error)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {errorsOmitted > 0 && (
        <p className="quiet-text">
          And {errorsOmitted.toLocaleString()} more, which are not listed.
        </p>
      )}
    </section>
  );
}

function sayWhy({ code, field, detail }: LineError): string {
  return code === "invalid_value" && field ? `${field} ${detail}` : REASONS[code];
}

function sayCodes(counts: ImportReport["skippedByCode"]): string {
  return Object.entries(counts)
    .map(
      ([code, count]) =>
        `${count.toLocaleString()} ${REASONS[code as LineError["code"]].toLowerCase()}`,
    )
    .join(" · ");
}
