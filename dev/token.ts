/** `npm run token -- OWNER`: one JWT of the running system's provider on stdout, nothing else. */
import { findUser, users } from "./identity-users.ts";
import { readRunning, resolveDataDir } from "./running.ts";
import { signIn } from "./sign-in.ts";

const KNOWN = users.map((user) => user.who).join(", ");

async function printToken(who: string | undefined): Promise<void> {
  if (!who) throw new Error(`Say whose token: npm run token -- OWNER. Known: ${KNOWN}.`);
  const user = findUser(who);
  if (!user) throw new Error(`There is no role "${who}". Known: ${KNOWN}.`);

  const running = readRunning(resolveDataDir());
  if (!running) throw new Error("Nothing is running here. Start it with npm start.");
  const { accessToken } = await signIn({
    issuer: running.issuer,
    clientId: running.clientId,
    redirectUri: `${running.url}/signed-in`,
    user: user.id,
  }).catch((cause: Error) => {
    throw new Error(
      `The identity provider at ${running.issuer} gave no token: ${reasonOf(cause)}. ` +
        "If it is not running, start it with npm start.",
    );
  });
  process.stdout.write(`${accessToken}\n`);
}

/** fetch says only "fetch failed"; why, ECONNREFUSED say, is in the cause. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}

await printToken(process.argv[2]).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
