import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { as, postJson } from "../support/worker/app.ts";
import { anInquiry, bodyOf, patchJson, send } from "../support/worker/desk.ts";
import { storeInquiry } from "../support/worker/factories.ts";

interface Logged {
  type: string;
  data: string;
  masked: string | null;
}

/** What the room has logged about an inquiry, in order. */
function eventsOf(id: string): Promise<Logged[]> {
  return runInDurableObject(env.ROOMS.getByName("inquiries"), (_, state) =>
    state.storage.sql
      .exec<Record<keyof Logged, string>>("SELECT type, data, masked FROM log ORDER BY id")
      .toArray()
      .filter(({ data }) => data.includes(`"id":"${id}"`)),
  );
}

const typesOf = async (id: string) => (await eventsOf(id)).map(({ type }) => type);

describe("the room", () => {
  it("hears of every write at the desk once, in both views", async () => {
    const { id, email } = await anInquiry();
    const path = `/inquiries/${id}`;
    await patchJson(path, { status: "IN_PROGRESS" }, "cashier");
    await patchJson(path, { status: "IN_PROGRESS" });
    await postJson(`${path}/activity`, { note: "Called" }, as("employee"));
    await patchJson("/inquiries", { ids: [id, "1"], status: "CANCELLED" });
    await send("DELETE", path);
    await send("DELETE", path);
    await send("POST", `${path}/restore`);
    await eventually(async () =>
      expect((await typesOf(id)).toSorted()).toEqual([
        "inquiry.deleted",
        "inquiry.restored",
        "inquiry.submitted",
        "inquiry.updated",
        "inquiry.updated",
        "inquiry.updated",
      ]),
    );
    for (const { data, masked } of await eventsOf(id)) {
      expect(data).toContain(email);
      expect(masked).not.toContain(email);
    }
  });

  it("hears of an erasure, and of what it heard before only that it was erased", async () => {
    const { id, email } = await anInquiry();
    await eventually(async () => expect(await typesOf(id)).toEqual(["inquiry.submitted"]));
    await bodyOf(postJson("/privacy/erase", { email }, as("owner")));
    await eventually(async () =>
      expect(await eventsOf(id)).toEqual(
        Array(2).fill({ type: "inquiry.erased", data: JSON.stringify({ id }), masked: null }),
      ),
    );
  });

  it("hears of spam that is brought back as of a new inquiry, and of another return as of a change", async () => {
    const id = await storeInquiry({ status: "CANCELLED", spamReasons: ["links"] });
    for (const status of ["NEW", "CANCELLED", "NEW"]) {
      await bodyOf(patchJson("/inquiries", { ids: [id], status }));
    }
    await eventually(async () =>
      expect((await typesOf(id)).toSorted()).toEqual([
        "inquiry.submitted",
        "inquiry.updated",
        "inquiry.updated",
      ]),
    );
  });

  it("hears of a bulk change in one call", async () => {
    const ids = [(await anInquiry()).id, (await anInquiry()).id];
    const calls = vi.spyOn(console, "log");
    await patchJson("/inquiries", { ids, status: "IN_PROGRESS" });
    const sent = () =>
      calls.mock.calls
        .map(([line]) => JSON.parse(String(line)))
        .filter(({ message, type }) => message === "Inquiry SENT" && type === "inquiry.updated");
    await eventually(() => expect(sent()).toHaveLength(1));
    expect(sent()[0].inquiryId.split(" ").toSorted()).toEqual(ids.toSorted());
  });
});
