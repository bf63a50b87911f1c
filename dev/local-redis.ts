import { connect } from "node:net";

const USUAL = "redis://127.0.0.1:6379";
const TIMEOUT_MS = 1_000;

/**
 * The Redis that a local system shall use: `REDIS_URL`, or the usual port when one answers there.
 * @returns undefined when there is none
 * @throws when `REDIS_URL` names one that cannot be reached: it was asked for
 */
export async function findLocalRedis(
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const asked = env["REDIS_URL"];
  if (asked === undefined || asked === "") return (await listens(USUAL)) ? USUAL : undefined;
  if (!URL.canParse(asked) || !(await listens(asked))) {
    throw new Error("REDIS_URL is set, but no Redis answers there.");
  }
  return asked;
}

/** Only whether somebody accepts: a Redis with a password answers nothing before it was given. */
function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 6379) });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(TIMEOUT_MS, () => finish(false));
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}
