import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { unstable_readConfig as readConfig } from "wrangler";
import { buildAssets } from "./build-assets.ts";
import { migrate } from "./migrate.ts";
import { readMigrations } from "./migration-phases.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const ENVIRONMENT = "production";
/** Without these the Worker answers 503 to everything. */
const REQUIRED_SECRETS = ["DATABASE_URL", "SIGNING_KEY"];
/** Parts of `/readyz` that have to be up. Without them it answers 200 as well: the spool takes writes. */
const NEEDED_PARTS = ["postgres", "migrations", "jwks"];
/** Half a minute: a deployment reaches every location within seconds. */
const READY_TRIES = 15;

/** How the deployment reaches the world; tests give it another. */
export interface World {
  /** Runs a program in the project's folder. */
  run(command: string, args: readonly string[]): { status: number; stdout: string };
  say(line: string): void;
  build(): Promise<void>;
  migrate: typeof migrate;
  /** Status and body of an address. */
  ask(url: string): Promise<{ status: number; body: string }>;
  wait(milliseconds: number): Promise<void>;
  env: Readonly<Record<string, string | undefined>>;
  config: { vars: Readonly<Record<string, unknown>>; routes: readonly unknown[] };
}

export class DeployRefused extends Error {
  override readonly name = "DeployRefused";
}

/**
 * Checks, builds, expands the schema, deploys, looks whether it is ready. With `dryRun` everything
 * that touches the world is said and not done. With `contract` the part of the schema that only older
 * versions need is taken away at the end; from then on there is no way back to them (ADR-0011).
 * @throws {DeployRefused} before anything was touched, or saying how far it came
 */
export async function deploy(
  options: { dryRun: boolean; contract: boolean },
  world: World,
): Promise<void> {
  const { say, run, env, config } = world;
  const must = (what: string, command: string, args: readonly string[]) => {
    const { status, stdout } = run(command, args);
    if (status !== 0) throw new DeployRefused(`${what} failed`);
    return stdout;
  };
  /** Does it, or in a dry run says that it would. */
  const touch = async <T>(what: string, action: () => T | Promise<T>): Promise<T | undefined> => {
    say(options.dryRun ? `would: ${what}` : what);
    return options.dryRun ? undefined : action();
  };

  say("1. look before anything is touched");
  if (must("git status", "git", ["status", "--porcelain"]) !== "") {
    throw new DeployRefused("the working tree is not clean: what runs must be what is committed");
  }
  const commit = must("git rev-parse", "git", ["rev-parse", "--short=12", "HEAD"]).trim();
  const placeholders = Object.entries(config.vars)
    .filter(([, value]) => String(value).includes("example.com"))
    .map(([name]) => name);
  if (JSON.stringify(config.routes).includes("example.com")) placeholders.push("routes");
  if (placeholders.length > 0) {
    const complaint = `wrangler.toml still has example.com in: ${placeholders.join(", ")}`;
    if (!options.dryRun) throw new DeployRefused(complaint);
    say(`note: ${complaint}`);
  }
  await touch(`check that the secrets ${REQUIRED_SECRETS.join(", ")} are set`, () => {
    const list = ["secret", "list", "--env", ENVIRONMENT, "--format", "json"];
    const known = JSON.parse(must("wrangler secret list", "wrangler", list)) as { name: string }[];
    const missing = REQUIRED_SECRETS.filter((name) => !known.some((each) => each.name === name));
    if (missing.length > 0) {
      throw new DeployRefused(
        `secrets are missing: ${missing.join(", ")} (wrangler secret put NAME --env ${ENVIRONMENT})`,
      );
    }
  });
  const databaseUrl = env["DATABASE_URL"];
  if (databaseUrl === undefined && !options.dryRun) {
    throw new DeployRefused("DATABASE_URL is not set: it names the database to migrate");
  }
  const database = {
    databaseUrl: databaseUrl ?? "",
    httpEndpoint: String(config.vars["DATABASE_HTTP_ENDPOINT"] ?? ""),
  };

  say("2. check");
  must("npm run check", "npm", ["run", "--silent", "check"]);

  say("3. build");
  await world.build();
  const bundle = ["deploy", "--dry-run", "--env", ENVIRONMENT, "--outdir", "dist/worker"];
  const built = must("the build", "wrangler", bundle);
  say(`   ${/Total Upload.*/.exec(built)?.[0] ?? "built"}`);

  say("4. expand the schema: the version that is serving keeps working with it");
  const migrations = readMigrations();
  for (const { tag, phase } of migrations) say(`   ${tag}${phase === "contract" ? " (last)" : ""}`);
  const expanded = await touch("apply those that are missing, and the seeds", () =>
    world.migrate({ ...database, phase: "expand" }),
  );
  if (expanded) say(`   ${expanded.applied} applied, ${expanded.waiting.length} wait to contract`);

  say(`5. deploy ${commit} to ${ENVIRONMENT}`);
  await touch(`wrangler deploy --env ${ENVIRONMENT} --tag ${commit}`, () =>
    must("wrangler deploy", "wrangler", ["deploy", "--env", ENVIRONMENT, "--tag", commit]),
  );

  const readyz = `${String(config.vars["PUBLIC_BASE_URL"])}/readyz`;
  say("6. look whether it is ready");
  await touch(`ask ${readyz}`, () => untilReady(readyz, world));

  say("7. contract the schema");
  if (options.contract) {
    await touch("apply what only older versions need to be without", () =>
      world.migrate({ ...database, phase: "contract" }),
    );
  } else say("   not now: npm run deploy -- --contract, once nobody wants to go back");
  say(
    `to go back: npx wrangler rollback VERSION --env ${ENVIRONMENT} (docs/operations.md, "Roll back")`,
  );
  say(options.dryRun ? "dry run: nothing was touched" : `deployed ${commit}`);
}

async function untilReady(url: string, { ask, wait, say }: World): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, body } = await ask(url);
    if (status === 200 && hasNeededParts(body)) return say(`   ${body}`);
    if (attempt === READY_TRIES) {
      throw new DeployRefused(`deployed, but not ready (${status} ${body}): consider a rollback`);
    }
    await wait(2_000);
  }
}

function hasNeededParts(body: string): boolean {
  let report: { parts?: Partial<Record<string, { state: string }>> };
  try {
    report = JSON.parse(body);
  } catch {
    // Something else is still behind the address.
    return false;
  }
  return NEEDED_PARTS.every((name) => report.parts?.[name]?.state === "up");
}

const realWorld = (): World => ({
  run(command, args) {
    const wrangler = `${root}node_modules/wrangler/bin/wrangler.js`;
    const [program, ...rest] =
      command === "wrangler" ? [process.execPath, wrangler, ...args] : [command, ...args];
    const { status, stdout } = spawnSync(program ?? command, rest, {
      cwd: root,
      encoding: "utf8",
      stdio: ["inherit", "pipe", "inherit"],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    if (status !== 0) console.error(stdout);
    return { status: status ?? 1, stdout };
  },
  say: (line) => console.log(line),
  build: async () => buildAssets(),
  migrate,
  async ask(url) {
    const answer = await fetch(url).catch((error: unknown) => error);
    if (!(answer instanceof Response)) return { status: 0, body: "no answer" };
    return { status: answer.status, body: await answer.text() };
  },
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  env: process.env,
  config: (() => {
    const { vars, routes = [] } = readConfig({ config: `${root}wrangler.toml`, env: ENVIRONMENT });
    return { vars, routes };
  })(),
});

if (import.meta.main) {
  const known = ["--dry-run", "--contract"];
  const unknown = process.argv.slice(2).filter((argument) => !known.includes(argument));
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(" ")}; there are ${known.join(" and ")}`);
    process.exit(2);
  }
  const dryRun = process.argv.includes("--dry-run");
  const contract = process.argv.includes("--contract");
  try {
    await deploy({ dryRun, contract }, realWorld());
  } catch (error) {
    if (!(error instanceof DeployRefused)) throw error;
    console.error(`not deployed: ${error.message}`);
    process.exitCode = 1;
  }
}
