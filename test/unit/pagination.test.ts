import { describe, expect, it } from "vitest";
import { createSigner } from "../../src/auth/signing.ts";
import { decodeCursor, encodeCursor } from "../../src/http/pagination.ts";

const signer = createSigner(crypto.getRandomValues(new Uint8Array(32)));
const id = "9223372036854775807";

const refused = (cursor: string, filters = "all", by = signer) =>
  expect(decodeCursor(by, cursor, filters)).rejects.toMatchObject({ code: "invalid_cursor" });

describe("a cursor", () => {
  it.each(["1", "12", "123", "250270611488677888", id])("leads back to the id %s", async (one) => {
    const cursor = await encodeCursor(signer, one, "all");
    expect(await decodeCursor(signer, cursor, "all")).toBe(one);
  });

  it("is bound to its filters", async () => {
    const cursor = await encodeCursor(signer, id, "status=NEW");
    await refused(cursor, "status=RESOLVED");
    await refused(cursor, "");
    await refused(cursor, "status=NEW\n");
  });

  it("is bound to the key", async () => {
    const other = createSigner(crypto.getRandomValues(new Uint8Array(32)));
    await refused(await encodeCursor(signer, id, "all"), "all", other);
  });

  it("cannot be carried over from another use of the key", async () => {
    const signature = await signer.sign("client", `${id}\nall`);
    await refused(`${btoa(id).replaceAll("=", "")}.${signature}`);
  });

  it("is refused when a single character differs", async () => {
    const cursor = await encodeCursor(signer, "250270611488677888", "all");
    // The last character holds two bits that no byte needs: another spelling of the same signature.
    for (let at = 0; at < cursor.length - 1; at += 1) {
      const other = cursor[at] === "A" ? "B" : "A";
      await refused(cursor.slice(0, at) + other + cursor.slice(at + 1));
    }
  });

  it.each(["", ".", "a.b", "..", "%", `MA.${"A".repeat(43)}`, `LTE.${"A".repeat(43)}`])(
    "is not %j",
    async (cursor) => {
      await refused(cursor);
    },
  );
});
