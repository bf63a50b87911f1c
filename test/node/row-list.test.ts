import { describe, expect, it } from "vitest";
import { type LoadedPage, RowList } from "../../src/dashboard/list/row-list.ts";

interface Row {
  readonly id: string;
  readonly version: number;
}

const PAGE = 3;
const row = (id: number, version = 1): Row => ({ id: String(id), version });
const idsOf = (list: RowList<Row>) =>
  Array.from({ length: list.getState().count }, (_, index) => list.row(index)?.id);

/** A list by pages of three, newest first, over a table that the test writes to. */
function aList(table: Map<number, number>, options: { oldestFirst?: boolean } = {}) {
  const { oldestFirst = false } = options;
  let answers = Promise.resolve();
  let fails = false;
  const list = new RowList<Row>({
    oldestFirst,
    async load(cursor): Promise<LoadedPage<Row>> {
      const after = (id: number) => (oldestFirst ? id > Number(cursor) : id < Number(cursor));
      const ids = [...table.keys()]
        .filter((id) => cursor === undefined || after(id))
        .sort((a, b) => (oldestFirst ? a - b : b - a));
      const data = ids.slice(0, PAGE).map((id) => row(id, table.get(id)));
      if (fails) throw new Error("away");
      await answers;
      return { data, nextCursor: ids.length > PAGE ? (data.at(-1)?.id ?? null) : null };
    },
  });
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    list,
    async look(first = 0, last = first) {
      list.look(first, last);
      await settled();
    },
    /** What has been read is on its way until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      answers = promise;
      return async () => {
        resolve();
        answers = Promise.resolve();
        await settled();
      };
    },
    fail(failing: boolean) {
      fails = failing;
    },
    settled,
  };
}

const tableOf = (...ids: number[]) => new Map(ids.map((id) => [id, 1]));

describe("the rows of a list", () => {
  it("keep what was told of them while their page was on its way", async () => {
    const { list, look, hold } = aList(tableOf(12, 11));
    const arrive = hold();
    await look();
    list.update(row(11, 2));
    await arrive();
    expect(list.find("11")?.version).toBe(2);
  });

  it("have no hole where more came in front than a page holds and the page was let go", async () => {
    const table = tableOf(...Array.from({ length: 60 }, (_, n) => n + 1));
    const { list, look } = aList(table);
    for (let index = 0; index < 60; index += PAGE) await look(index);
    expect(list.row(0)).toBeUndefined();
    for (const id of [61, 62, 63, 64]) table.set(id, 1);
    await look(0);
    expect(idsOf(list).slice(0, 8)).toEqual(["64", "63", "62", "61", "60", "59", "58", "57"]);
  });

  it("are not put in front of a page that is not here", async () => {
    const { list, look } = aList(tableOf(...Array.from({ length: 60 }, (_, n) => n + 1)));
    await look();
    expect(list.prepend([row(61)])).toBe(true);
    for (let index = 0; index < 60; index += PAGE) await look(index);
    expect(list.prepend([row(62)])).toBe(false);
  });

  it("come back as they are by now when the reader's action is taken back", async () => {
    const { list, look } = aList(tableOf(12, 11));
    await look();
    const putBack = list.remove(new Set(["11"]));
    list.update(row(11, 2));
    putBack();
    expect(list.find("11")?.version).toBe(2);
  });

  it("that could not be loaded are on their way again as soon as that is asked for", async () => {
    const { list, look, fail, settled } = aList(tableOf(11));
    fail(true);
    await look();
    expect(list.getState()).toMatchObject({ pending: false, error: expect.any(Error) });
    fail(false);
    list.retry();
    expect(list.getState()).toMatchObject({ pending: true, error: undefined });
    await settled();
    expect(idsOf(list)).toEqual(["11"]);
  });
});

describe("a list that was loaded again", () => {
  it("tells what is newer, what has come in between, and what is gone", async () => {
    const table = tableOf(20, 18, 16, 14);
    const { list, look } = aList(table);
    await look();
    await look(PAGE);
    table.set(30, 1);
    table.set(17, 2);
    table.delete(18);
    table.set(14, 5);
    const { newer, come, gone } = await list.refresh();
    expect([newer.map(({ id }) => id), come, gone]).toEqual([["30"], ["17"], ["18"]]);
    expect(list.find("14")?.version).toBe(5);
    expect(idsOf(list)).toEqual(["20", "18", "16", "14"]);
  });

  it("does not miss what the reader's own action has just taken away", async () => {
    const { list, look } = aList(tableOf(20, 18));
    await look();
    list.remove(new Set(["18"]));
    expect((await list.refresh()).come).toEqual([]);
  });
});

describe("a row that belongs to a list", () => {
  it("is lacking where its place is here and it is not", async () => {
    const { list, look } = aList(tableOf(...Array.from({ length: 9 }, (_, n) => 10 * (n + 1))));
    await look();
    expect([list.lacks("85"), list.lacks("80"), list.lacks("15")]).toEqual([true, false, false]);
  });

  it("is lacking after the last one of a whole list", async () => {
    const { list, look } = aList(tableOf(10, 20), { oldestFirst: true });
    await look();
    expect(list.lacks("30")).toBe(true);
  });

  it("is not lacking when the reader took it away, until it was elsewhere", async () => {
    const { list, look } = aList(tableOf(10, 20));
    await look();
    list.remove(new Set(["10"]));
    expect(list.lacks("10")).toBe(false);
    list.letGoOf("10");
    expect(list.lacks("10")).toBe(true);
  });
});
