import { describe, expect, it } from "vitest";
import { identifyClient } from "../../src/limits/client.ts";
import { parseIp } from "../../src/limits/ip.ts";

const clientOf = (address: string, others: Record<string, string> = {}) =>
  identifyClient(new Headers({ "cf-connecting-ip": address, ...others }));

describe("who is asking", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["  203.0.113.7 ", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
    ["0000:0000:0000:0000:0000:ffff:cb00:7107", "203.0.113.7"],
    ["::ffff:203.0.113.7%eth0", "203.0.113.7"],
  ])("takes %s for the IPv4 visitor %s", (address, key) => {
    expect(clientOf(address)).toEqual({ kind: "visitor", key });
  });

  it("keeps the visitors of IPv4 apart when their addresses come mapped", () => {
    const keys = ["::ffff:203.0.113.7", "::ffff:203.0.113.8", "::ffff:198.51.100.7"];
    expect(new Set(keys.map((key) => clientOf(key).key)).size).toBe(3);
  });

  it.each([
    "2001:db8:1:2::1",
    "2001:db8:1:2:ffff:ffff:ffff:ffff",
    "2001:0DB8:0001:0002:0000:0000:0000:0001",
    "2001:db8:1:2::203.0.113.7",
    "2001:db8:1:2:a::%eth0",
    "2001:db8:1:2::",
  ])("counts %s to the network 2001:db8:1:2::/64", (address) => {
    expect(clientOf(address)).toEqual({ kind: "visitor", key: "2001:db8:1:2::/64" });
  });

  it("keeps neighbouring networks apart", () => {
    expect(clientOf("2001:db8:1:3::1").key).not.toBe(clientOf("2001:db8:1:2::1").key);
    expect(clientOf("2001:db8::1").key).toBe("2001:db8:0:0::/64");
  });

  it("knows the address that all Workers on the network share", () => {
    expect(clientOf("2a06:98c0:3600::103")).toEqual({ kind: "workers", key: undefined });
    expect(clientOf("2A06:98C0:3600:0:0:0:0:103").kind).toBe("workers");
  });

  it("has no client when the edge was not involved", () => {
    expect(identifyClient(new Headers())).toEqual({ kind: "unidentified", key: undefined });
    for (const loopback of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
      expect(clientOf(loopback).kind).toBe("unidentified");
    }
  });

  it.each([
    ["", "nothing"],
    ["unknown", "a word"],
    ["203.0.113", "three bytes"],
    ["203.0.113.256", "a byte too large"],
    ["203.0.113.07", "a leading zero"],
    ["203.0.113.7, 198.51.100.1", "a list"],
    ["203.0.113.7:443", "a port"],
    ["2001:db8::1::2", "two gaps"],
    ["2001:db8:1:2:3:4:5:6:7", "nine groups"],
    ["1:2:3:4:5:6:7:8::", "a gap of nothing"],
    ["2001:db8:1:2:3:4:5", "seven groups"],
    ["12345::", "five digits"],
    ["203.0.113.7::1", "a dotted head"],
    [":::", "only colons"],
    ["[2001:db8::1]", "brackets"],
    ["g::1", "a letter past f"],
  ])("cannot read %j: %s", (address) => {
    expect(clientOf(address)).toEqual({ kind: "unreadable", key: undefined });
  });

  it("looks at nothing else that a client can send", () => {
    const claims = {
      "x-forwarded-for": "198.51.100.1",
      "x-real-ip": "198.51.100.1",
      "true-client-ip": "198.51.100.1",
      forwarded: "for=198.51.100.1",
      "cf-connecting-ipv6": "2001:db8::1",
    };
    expect(clientOf("203.0.113.7", claims)).toEqual(clientOf("203.0.113.7"));
    expect(identifyClient(new Headers(claims)).kind).toBe("unidentified");
  });

  it("reads every IPv6 address the same in all its forms", () => {
    for (let round = 0; round < 200; round += 1) {
      const groups = [...crypto.getRandomValues(new Uint16Array(8))];
      const from = round % 7;
      for (let at = from; at < from + (round % 3); at += 1) groups[at] = 0;
      const hex = groups.map((group) => group.toString(16));
      const forms = [
        hex.join(":"),
        hex.map((group) => group.padStart(4, "0").toUpperCase()).join(":"),
        hex.join(":").replace(/(^|:)0(:0)*(:|$)/, "::"),
        new URL(`http://[${hex.join(":")}]`).hostname.slice(1, -1),
      ];
      const expected = { version: 6, network64: hex.slice(0, 4).join(":") };
      for (const form of forms) expect(parseIp(form)).toMatchObject(expected);
    }
  });
});
