import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { as, postJson } from "../support/worker/app.ts";
import { bodyOf, patchJson, send } from "../support/worker/desk.ts";
import { aSubscriber, aSubscription } from "../support/worker/subscribers.ts";

/** What the room has logged about a subscriber, in order. */
function eventsOf(id: string) {
  return runInDurableObject(env.ROOMS.getByName("subscribers"), (_, state) =>
    state.storage.sql
      .exec<{ type: string; data: string }>("SELECT type, data FROM log ORDER BY id")
      .toArray()
      .filter(({ data }) => data.includes(`"id":"${id}"`)),
  );
}

describe("the room of subscribers", () => {
  it("hears of every write at the desk once, and of what changed nothing never", async () => {
    const { id, email } = await aSubscriber();
    const path = `/subscribers/${id}`;
    await patchJson(path, { name: "Ada" });
    await patchJson(path, { name: "Ada" });
    await patchJson(path, { status: "UNSUBSCRIBED", name: "Eve" });
    await patchJson(path, { status: "ACTIVE" });
    await patchJson(path, { status: "ACTIVE" }, "employee", { "if-match": '"v1"' });
    await postJson("/subscribers", { email }, as("employee"));
    for (const _ of [1, 2]) await send("DELETE", path);
    await send("POST", `${path}/restore`);
    await eventually(async () =>
      expect((await eventsOf(id)).map(({ type }) => type).toSorted()).toEqual([
        "subscriber.deleted",
        "subscriber.restored",
        "subscriber.subscribed",
        "subscriber.subscribed",
        "subscriber.unsubscribed",
        "subscriber.updated",
      ]),
    );
    for (const { data } of await eventsOf(id)) {
      expect(JSON.parse(data)).toMatchObject({ id, email });
      expect(data).not.toContain("oken");
    }
    await bodyOf(postJson("/privacy/erase", { email }, as("owner")));
    const erased = { type: "subscriber.erased", data: JSON.stringify({ id }) };
    await eventually(async () => expect(await eventsOf(id)).toEqual(Array(7).fill(erased)));
  });

  it("hears nothing of a subscriber who could not be entered", async () => {
    const entry = aSubscription();
    await postJson("/subscribers", entry, as("employee"));
    const answer = await postJson("/subscribers", entry, as("employee"));
    const { subscriberId } = await bodyOf<{ subscriberId: string }>(answer, 409);
    await eventually(async () => expect(await eventsOf(subscriberId)).toHaveLength(1));
  });
});
