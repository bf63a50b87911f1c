const encoder = new TextEncoder();

/** Keyed hashes under one secret; the purpose keeps the uses of the key apart. */
export interface Signer {
  /** HMAC-SHA256 in base64url, 43 characters. */
  sign(purpose: string, data: string): Promise<string>;
  /** Compares in constant time. */
  verify(purpose: string, data: string, signature: string): Promise<boolean>;
}

/** HMAC-SHA256 (RFC 2104) over `purpose NUL data`. @param key 32 bytes */
export function createSigner(key: Uint8Array): Signer {
  let imported: ReturnType<typeof crypto.subtle.importKey> | undefined;
  const message = (purpose: string, data: string) => encoder.encode(`${purpose}\0${data}`);
  const hmacKey = () => {
    imported ??= crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]);
    return imported;
  };
  return {
    async sign(purpose, data) {
      const mac = await crypto.subtle.sign("HMAC", await hmacKey(), message(purpose, data));
      return new Uint8Array(mac).toBase64({ alphabet: "base64url", omitPadding: true });
    },
    async verify(purpose, data, signature) {
      if (!/^[\w-]{43}$/.test(signature)) return false;
      const mac = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
      return crypto.subtle.verify("HMAC", await hmacKey(), mac, message(purpose, data));
    },
  };
}
