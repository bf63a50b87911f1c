import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "../support/processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "outreach-start-"));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(dataDir, { recursive: true, force: true });
});

/** Runs `npm start`'s own script. @returns its lines so far, and the line that began with `ready` */
async function start(port: number) {
  const child = spawn(process.execPath, ["dev/start.ts"], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const lines: string[] = [];
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => complaints.push(line));
  const ready = await new Promise<boolean>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (line.startsWith("ready")) resolve(true);
    });
    child.once("exit", () => resolve(false));
  });
  return { child, lines, complaints, ready };
}

async function stop(child: ChildProcess): Promise<unknown> {
  const exit = once(child, "exit");
  child.kill("SIGINT");
  const [code] = await exit;
  return code;
}

describe("npm start", () => {
  it("comes up, takes a message by its own curl line, stops on Ctrl-C and keeps the data", async () => {
    const port = await freePort();
    const first = await start(port);
    expect(first.lines.at(-1)).toBe(`ready http://localhost:${port}`);
    expect(first.lines.join("\n")).toContain("curl -H 'accept: text/html'");
    const api = `http://localhost:${port}/v1/api/outreach`;
    const submitted = await fetch(`${api}/inquiries/submit`, {
      method: "POST",
      body: new URLSearchParams({ name: "Ada", email: "ada@example.com", message: "Kept?" }),
    });
    expect(submitted.ok).toBe(true);
    expect(await stop(first.child)).toBe(0);
    await expect(fetch(`${api}/doc`)).rejects.toThrow();

    const second = await start(port);
    expect(second.ready).toBe(true);
    const token = spawn(process.execPath, ["dev/token.ts", "EMPLOYEE"], {
      cwd: root,
      env: { ...process.env, DATA_DIR: dataDir },
    });
    const [jwt] = (await once(token.stdout, "data")) as [Buffer];
    const headers = { authorization: `Bearer ${String(jwt).trim()}` };
    const kept = async () => (await fetch(`${api}/inquiries`, { headers })).text();
    // On a slow machine it was on the disk of the spool, and is stored only now.
    await expect.poll(kept, { timeout: 30_000, interval: 250 }).toContain("Kept?");
    expect(await stop(second.child)).toBe(0);
  }, 120_000);

  it("says which port is taken, and by what it would have been used", async () => {
    const port = await freePort();
    const squatter = createServer().listen(port, "127.0.0.1");
    await once(squatter, "listening");
    const { ready, complaints } = await start(port);
    squatter.close();
    expect(ready).toBe(false);
    expect(complaints.join("\n")).toContain(`Port ${port} (the Worker) is taken`);
  }, 30_000);
});
