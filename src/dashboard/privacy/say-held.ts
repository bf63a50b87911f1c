const ONE: Readonly<Record<string, string>> = {
  inquiries: "inquiry",
  subscribers: "subscriber",
};

/** How many of a kind of thing are held, which the API names in the plural. */
export function sayHeld(kind: string, count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? (ONE[kind] ?? kind) : kind}`;
}
