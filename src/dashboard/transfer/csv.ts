/** RFC 4180, with the mark that tells spreadsheets it is UTF-8. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): Blob {
  const lines = rows.map(
    (row) => `${row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",")}\r\n`,
  );
  return new Blob(["\uFEFF", ...lines], { type: "text/csv" });
}
