import { describe, expect, it } from "vitest";
import { mintIds } from "../../bench/ids.figure.ts";
import { findPostgres, laneAvailable } from "../support/servers.ts";

describe.runIf(laneAvailable("postgres", findPostgres()))("ids minted at once", () => {
  it("are all different, however often a session is held up between two steps", async () => {
    const { minted, twice } = await mintIds({ ids: 400_000, connections: 64 });
    expect({ minted, twice }).toEqual({ minted: 400_000, twice: 0 });
  }, 60_000);
});
