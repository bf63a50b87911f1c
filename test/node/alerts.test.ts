import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { COUNTERS, GAUGES, HISTOGRAMS } from "../../src/telemetry/catalogue.ts";
import { promtool } from "../support/promtool.ts";
import { findPromtool, laneAvailable } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const rules = read("docs/alerts.yml");
const tests = read("docs/alerts.test.yml");
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? "");

/** Every series name there is. */
const names = new Set([
  ...Object.keys(COUNTERS),
  ...Object.keys(GAUGES),
  ...Object.keys(HISTOGRAMS).flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]),
]);

/** GitHub's anchors of a document's headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe.runIf(laneAvailable("promtool", findPromtool()))("promtool", () => {
  it("accepts the rules", () => {
    expect(
      promtool(["check", "rules", "--lint-fatal", join(root, "docs/alerts.yml")]),
    ).toMatchObject({ status: 0 });
  });

  it("sees every alert fire in its test and stay silent in its twin", () => {
    const { status, output } = promtool(["test", "rules", join(root, "docs/alerts.test.yml")]);
    expect(output).toContain("SUCCESS");
    expect(status).toBe(0);
  });
});

describe("the alerts", () => {
  it("are those that operations rely on", () => {
    expect(alerts).toEqual([
      "outreachHighErrorRate",
      "outreachSubmitFlood",
      "outreachWSNotReady",
      "outreachSpoolStuck",
      "outreachNotScraped",
    ]);
  });

  it.each(alerts)("%s has a test in which it fires and one in which it is silent", (alert) => {
    expect(tests).toMatch(new RegExp(`- name: ${alert} fires`));
    expect(tests).toMatch(new RegExp(`- name: ${alert} is silent`));
    const [, ...cases] = tests.split(`alertname: ${alert}\n`);
    const expected = cases.map((each) => /exp_alerts:( \[\])?/.exec(each)?.[1] === undefined);
    expect(expected).toContain(true);
    expect(expected).toContain(false);
  });

  it("each name a page of the runbook", () => {
    const anchors = anchorsOf(read("docs/operations.md"));
    const pages = [...rules.matchAll(/runbook_url: docs\/operations\.md#(\S+)/g)];
    expect(pages).toHaveLength(alerts.length);
    for (const [, anchor] of pages) expect(anchors).toContain(anchor);
  });

  it("ask only for metrics that exist", () => {
    expect(unknownNames(rules)).toEqual([]);
  });
});

describe("the Grafana dashboard", () => {
  it("asks only for metrics that exist, and shows every one of them", () => {
    const { panels } = JSON.parse(read("docs/grafana-dashboard.json")) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const queries = panels
      .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
      .join("\n");
    expect(unknownNames(queries)).toEqual([]);
    const families = [...Object.keys(COUNTERS), ...Object.keys(GAUGES), ...Object.keys(HISTOGRAMS)];
    expect(families.filter((name) => !queries.includes(name))).toEqual([]);
  });
});

function unknownNames(text: string): string[] {
  return [...text.matchAll(/\boutreach_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !names.has(name));
}
