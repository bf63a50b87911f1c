/** Where a download goes while it comes in. */
export interface Sink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Only now there is a file. */
  close(): Promise<void>;
  /** Keeps nothing of what was written. */
  abort(): Promise<void>;
}

export interface FileKind {
  readonly name: string;
  /** Without parameters. */
  readonly type: string;
  /** With its dot. */
  readonly extension: string;
}

/** What Chromium has beyond TypeScript's DOM (https://wicg.github.io/file-system-access). */
interface Picker {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

/**
 * Asks where to, and writes there as it comes, so that a file may be larger than memory. Browsers
 * without that collect it first. Has to be called in answer to a click.
 * @returns undefined when the person thought better of it
 */
export async function openSink(file: FileKind): Promise<Sink | undefined> {
  const { showSaveFilePicker } = window as Picker;
  if (!showSaveFilePicker) return collect(file);
  try {
    const handle = await showSaveFilePicker.call(window, {
      suggestedName: file.name,
      types: [{ accept: { [file.type]: [file.extension] } }],
    });
    const writable = await handle.createWritable();
    return {
      write: (chunk) => writable.write(chunk),
      close: () => writable.close(),
      abort: () => writable.abort(),
    };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    // Forbidden here, by an administrator or an embedding page.
    return collect(file);
  }
}

function collect({ name, type }: FileKind): Sink {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  return {
    async write(chunk) {
      parts.push(chunk);
    },
    async close() {
      saveBlob(new Blob(parts, { type }), name);
      parts = [];
    },
    async abort() {
      parts = [];
    },
  };
}

/** Into the browser's downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then; right away would be too early.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
