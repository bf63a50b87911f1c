const NAMES: Readonly<Record<string, readonly [one: string, more: string]>> = {
  inquiries: ["inquiry", "inquiries"],
  subscribers: ["subscriber", "subscribers"],
  spool: ["write waiting to be stored", "writes waiting to be stored"],
  events: ["announcement", "announcements"],
};

/** How many of a kind of thing are held, which the API names in the plural. */
export function sayHeld(kind: string, count: number): string {
  const [one, more] = NAMES[kind] ?? [kind, kind];
  return `${count.toLocaleString()} ${count === 1 ? one : more}`;
}
