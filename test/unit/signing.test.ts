import { describe, expect, it, vi } from "vitest";
import { createSigner } from "../../src/auth/signing.ts";

const aKey = () => crypto.getRandomValues(new Uint8Array(32));
const [oldest, older, current] = [aKey(), aKey(), aKey()];

describe("a signer", () => {
  it("signs with the current key and verifies what the previous one signed", async () => {
    const before = await createSigner(older).sign("unsubscribe", "1");
    const signer = createSigner(current, older);
    expect(await signer.verify("unsubscribe", "1", before)).toBe(true);
    const now = await signer.sign("unsubscribe", "1");
    expect(now).not.toBe(before);
    expect(await createSigner(current).verify("unsubscribe", "1", now)).toBe(true);
    expect(await createSigner(older).verify("unsubscribe", "1", now)).toBe(false);
  });

  it("knows nothing of the key before the previous one", async () => {
    const signature = await createSigner(oldest).sign("unsubscribe", "1");
    expect(await createSigner(current, older).verify("unsubscribe", "1", signature)).toBe(false);
  });

  it("hashes under each of its keys, the current one first", async () => {
    const [a, b] = [createSigner(current), createSigner(older)];
    const hashes = [await a.sign("suppression", "x"), await b.sign("suppression", "x")];
    expect(await createSigner(current, older).signUnderEach("suppression", "x")).toEqual(hashes);
    expect(await a.signUnderEach("suppression", "x")).toEqual(hashes.slice(0, 1));
  });

  it("keeps purposes, data and lengths apart", async () => {
    const signer = createSigner(current);
    const signature = await signer.sign("unsubscribe", "12");
    expect(await signer.verify("cursor", "12", signature)).toBe(false);
    expect(await signer.verify("unsubscribe", "1", signature)).toBe(false);
    expect(await signer.verify("unsubscribe", "12", signature.slice(1))).toBe(false);
    expect(await signer.verify("unsubscribe", "12", `${signature}A`)).toBe(false);
    expect(await signer.verify("unsubscribe", "12", "")).toBe(false);
  });

  it("accepts one spelling of a signature", async () => {
    const signer = createSigner(current);
    const signature = await signer.sign("unsubscribe", "1");
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const good = [...letters].filter((last) => signature.endsWith(last));
    const verdicts = await Promise.all(
      [...letters].map(async (last) => {
        const spelled = signature.slice(0, -1) + last;
        return (await signer.verify("unsubscribe", "1", spelled)) ? [last] : [];
      }),
    );
    expect(verdicts.flat()).toEqual(good);
  });

  it("compares with both keys, whatever is wrong and whichever fits", async () => {
    const signer = createSigner(current, older);
    const verify = vi.spyOn(crypto.subtle, "verify");
    const good = await signer.sign("unsubscribe", "1");
    for (const signature of [good, await createSigner(older).sign("unsubscribe", "1"), "x", ""]) {
      verify.mockClear();
      await signer.verify("unsubscribe", "1", signature);
      expect(verify).toHaveBeenCalledTimes(2);
    }
    verify.mockRestore();
  });
});
