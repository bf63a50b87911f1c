const languages = new Intl.DisplayNames(undefined, { type: "language" });

/** `en-GB` as people say it: British English. */
export function languageName(tag: string): string {
  try {
    return languages.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
