const encoder = new TextEncoder();

/** 32 bytes in base64url; the last character's two bits too many are 0, so that there is one spelling. */
const SIGNATURE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** Keyed hashes under one secret; the purpose keeps the uses of the key apart. */
export interface Signer {
  /** HMAC-SHA256 in base64url, 43 characters, under the current key. */
  sign(purpose: string, data: string): Promise<string>;
  /** Under each key, the current one first: to find again what was hashed before a rotation. */
  signUnderEach(purpose: string, data: string): Promise<string[]>;
  /** Compares in constant time, with every key whichever of them fits. */
  verify(purpose: string, data: string, signature: string): Promise<boolean>;
}

/**
 * HMAC-SHA256 (RFC 2104) over `purpose NUL data`.
 * @param key 32 bytes
 * @param previous the key before the latest rotation: what it signed is still good
 */
export function createSigner(key: Uint8Array, previous?: Uint8Array): Signer {
  const keys = [key, ...(previous === undefined ? [] : [previous])].map(lazyKey);
  const current = keys[0] as ReturnType<typeof lazyKey>;
  const message = (purpose: string, data: string) => encoder.encode(`${purpose}\0${data}`);
  const signWith = async (hmacKey: ReturnType<typeof lazyKey>, bytes: Uint8Array) => {
    const mac = await crypto.subtle.sign("HMAC", await hmacKey(), bytes);
    return new Uint8Array(mac).toBase64({ alphabet: "base64url", omitPadding: true });
  };
  return {
    sign: (purpose, data) => signWith(current, message(purpose, data)),
    signUnderEach: (purpose, data) =>
      Promise.all(keys.map((each) => signWith(each, message(purpose, data)))),
    async verify(purpose, data, signature) {
      // What cannot be a signature is compared like one, so that it takes as long.
      const wellFormed = SIGNATURE.test(signature);
      const mac = wellFormed
        ? Uint8Array.fromBase64(signature, { alphabet: "base64url" })
        : new Uint8Array(32);
      const verdicts = await Promise.all(
        keys.map(async (each) =>
          crypto.subtle.verify("HMAC", await each(), mac, message(purpose, data)),
        ),
      );
      return wellFormed && verdicts.includes(true);
    },
  };
}

/** Imported at its first use. */
function lazyKey(bytes: Uint8Array) {
  let imported: ReturnType<typeof crypto.subtle.importKey> | undefined;
  return () => {
    imported ??= crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]);
    return imported;
  };
}
