import { NeonDbError } from "@neondatabase/serverless";
import { DrizzleQueryError } from "drizzle-orm";
import { expect, it } from "vitest";
import { databaseFailure } from "../../src/db/errors.ts";

function postgresSays(code: string | undefined, constraint?: string) {
  return Object.assign(new NeonDbError(""), { code, constraint });
}

it.each([
  ["nobody answered", undefined, "unavailable"],
  ["the connection failed", "08006", "unavailable"],
  ["the server is a standby", "25006", "unavailable"],
  ["the password is being rotated", "28P01", "unavailable"],
  ["the database does not exist", "3D000", "unavailable"],
  ["the disk is full", "53100", "unavailable"],
  ["too many are connected", "53300", "unavailable"],
  ["the statement was cancelled", "57014", "unavailable"],
  ["the server shuts down", "57P01", "unavailable"],
  ["the server starts up", "57P03", "unavailable"],
  ["the system failed", "58030", "unavailable"],
  ["transactions met", "40001", "contention"],
  ["a deadlock was resolved", "40P01", "contention"],
  ["a lock was not to be had", "55P03", "contention"],
  ["the data cannot be stored", "22021", "refused"],
  ["a constraint is violated", "23514", "refused"],
  ["an index row is too large", "54000", "refused"],
  ["a trigger refuses", "P0001", "refused"],
  ["a table is missing", "42P01", "unexpected"],
  ["a privilege is missing", "42501", "unexpected"],
  ["an index is broken", "XX002", "unexpected"],
  ["a class is unheard of", "ZZ999", "unexpected"],
  ["something says a system error's name", "EPIPE", "unexpected"],
] as const)("when %s (%s), the failure is %s", (_, code, kind) => {
  expect(databaseFailure(postgresSays(code))).toMatchObject({ kind, code });
  const wrapped = new DrizzleQueryError("insert", [], postgresSays(code));
  expect(databaseFailure(wrapped)).toMatchObject({ kind, code });
});

it("takes a minted id that was taken for contention, and another taken key for a refusal", () => {
  expect(databaseFailure(postgresSays("23505", "inquiries_pkey"))?.kind).toBe("contention");
  expect(databaseFailure(postgresSays("23505", "some_key"))?.kind).toBe("refused");
});

it("takes an answer that the driver stumbles over for no answer", () => {
  const stumbled = new DrizzleQueryError("insert", [], new TypeError("x is not a function"));
  expect(databaseFailure(stumbled)).toEqual({ kind: "unavailable", code: undefined });
});

it("leaves other errors alone", () => {
  expect(databaseFailure(new TypeError("x is not a function"))).toBeUndefined();
  expect(databaseFailure("oops")).toBeUndefined();
});
