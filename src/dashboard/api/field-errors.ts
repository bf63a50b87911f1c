import type { ApiProblem } from "./problem.ts";

/** What is wrong with each top-level field of a refused body, in words for whoever typed it. */
export function fieldErrors({ errors }: ApiProblem): Readonly<Record<string, string>> {
  const byField: Record<string, string> = {};
  for (const { pointer, code, detail } of errors) {
    const field = pointer.split("/")[1] ?? "";
    byField[field] ??= sayWhy(code, detail);
  }
  return byField;
}

function sayWhy(code: string, detail: string): string {
  switch (code) {
    case "invalid_type":
    case "too_small":
      return "This is needed.";
    case "too_big":
      return "This is too long.";
    default: {
      const sentence = detail.replace(/^must be/, "this must be");
      return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
    }
  }
}
