import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Identity } from "../../dev/identity.ts";
import { readRunning, removeRunning, writeRunning } from "../../dev/running.ts";
import { closeIdentities, DASHBOARD, openIdentity, verifyToken } from "../support/identity.ts";

let identity: Identity;
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "identity-"));
  identity = await openIdentity();
});

afterEach(async () => {
  await closeIdentities();
  await rm(dataDir, { recursive: true });
});

describe("npm run token", () => {
  const SCRIPT = fileURLToPath(new URL("../../dev/token.ts", import.meta.url));

  async function runToken(...words: string[]) {
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, DATA_DIR: dataDir };
      execFile(process.execPath, [SCRIPT, ...words], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }

  function announce(): void {
    writeRunning(dataDir, {
      url: DASHBOARD,
      issuer: identity.issuer,
      audience: identity.audience,
      clientId: identity.clientId,
      pid: process.pid,
      databaseHttpEndpoint: "http://127.0.0.1:1/sql",
    });
  }

  test("prints one token of the running provider and nothing else", async () => {
    announce();
    const { code, stdout, stderr } = await runToken("employee");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect((await verifyToken(identity, stdout.trim())).payload["roles"]).toEqual(["EMPLOYEE"]);
  });

  test("names the known roles for an unknown one, and for none", async () => {
    announce();
    for (const words of [["BOSS"], []]) {
      const { code, stdout, stderr } = await runToken(...words);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("OWNER, EMPLOYEE, CASHIER");
    }
  });

  test("says how to start the system when it is not running, or no longer", async () => {
    const never = await runToken("OWNER");
    announce();
    await identity.close();
    for (const { code, stdout, stderr } of [never, await runToken("OWNER")]) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("npm start");
    }
  });

  test("reads back what was written, and nothing from a file that is not ours", async () => {
    announce();
    expect(readRunning(dataDir)).toMatchObject({ url: DASHBOARD, pid: process.pid });
    removeRunning(dataDir);
    expect(readRunning(dataDir)).toBeUndefined();
    removeRunning(dataDir);
    await writeFile(join(dataDir, "running.json"), '{"url":1}');
    expect(readRunning(dataDir)).toBeUndefined();
  });
});
