/** A submission that nobody else sends, so that no test meets another's content. */
export function aSubmission(changes: Record<string, unknown> = {}) {
  const unique = crypto.randomUUID();
  return {
    name: "Ada Byron",
    email: `ada.${unique}@example.com`,
    message: `Do you deliver to the Isle of Wight? (${unique})`,
    ...changes,
  };
}
