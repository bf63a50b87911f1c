import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

/** What the local provider signs with: tokens by an EC P-256 key, its own cookies by secrets. */
export interface Keys {
  signing: JWK;
  cookies: string[];
}

/** The keys kept in `<dataDir>/identity-keys.json`, made at first use. No dataDir: new ones. */
export async function loadKeys(dataDir: string | undefined): Promise<Keys> {
  const kept = dataDir === undefined ? undefined : readKeys(dataDir);
  if (kept) return kept;
  const keys = {
    signing: await makeSigningKey(),
    cookies: [randomBytes(32).toString("base64url")],
  };
  saveKeys(dataDir, keys);
  return keys;
}

/** The same keys but for the signing key, which is new and has a new `kid`. */
export async function rotateSigningKey(dataDir: string | undefined, keys: Keys): Promise<Keys> {
  const rotated = { ...keys, signing: await makeSigningKey() };
  saveKeys(dataDir, rotated);
  return rotated;
}

async function makeSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "ES256", use: "sig" };
}

function readKeys(dataDir: string): Keys | undefined {
  const path = pathOf(dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { signing, cookies } = JSON.parse(text) as Partial<Keys>;
    if (signing?.d && signing.kid && cookies?.length) return { signing, cookies };
  } catch {
    // Falls through: the file is not what was written, whatever the parser says of it.
  }
  throw new Error(`${path} does not hold the identity provider's keys: delete it and start again`);
}

/** Readable by its owner only, and replaced in one step. */
function saveKeys(dataDir: string | undefined, keys: Keys): void {
  if (dataDir === undefined) return;
  mkdirSync(dataDir, { recursive: true });
  const path = pathOf(dataDir);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

function pathOf(dataDir: string): string {
  return join(dataDir, "identity-keys.json");
}
