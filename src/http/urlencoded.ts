const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
/** It has a character for every byte, so nothing is lost in it, whatever it really was. */
const windows1252 = new TextDecoder("windows-1252");

/**
 * The fields of a urlencoded form, by the URL standard, which leaves a lone `%` as it is (workerd's own
 * `formData()` drops it). A page in an encoding of old sends its bytes and does not
 * say so: what is not UTF-8 is read as what it most likely is.
 */
export function readUrlencoded(body: ArrayBuffer): URLSearchParams {
  const inUtf8 = decode(body).replaceAll(/[^&]+/g, (field) =>
    isUtf8(field) ? field : field.replaceAll(HIGH_ESCAPE, escapeInUtf8),
  );
  return new URLSearchParams(inUtf8);
}

const HIGH_ESCAPE = /%[89A-F][\dA-F]/gi;
const LONE_PERCENT = /%(?![\dA-F]{2})/gi;

function decode(body: ArrayBuffer): string {
  try {
    return utf8.decode(body);
  } catch {
    return windows1252.decode(body);
  }
}

function isUtf8(text: string): boolean {
  try {
    decodeURIComponent(text.replaceAll(LONE_PERCENT, ""));
    return true;
  } catch {
    return false;
  }
}

function escapeInUtf8(highEscape: string): string {
  const byte = Number.parseInt(highEscape.slice(1), 16);
  return encodeURIComponent(windows1252.decode(Uint8Array.of(byte)));
}
