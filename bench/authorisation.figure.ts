import { type Figure, RUNS } from "./figure.ts";
import { type Script, startScript } from "./workerd.ts";

export const figure: Figure = {
  title: "An authorisation decision at 1,000 rules, ours : plain casbin",
  how: "Inside `workerd serve`. Ours: `Permissions.allows`, awaited, as a request does, with role inheritance in the model. Peer: casbin's `enforceSync` on its fastest model, without inheritance. The same 1,000 requests, half of them allowed. Disagreements: 100,000 random requests over 500 random rule sets with inheritance, a new seed each run.",
  async measure() {
    const script = await startScript("authorisation.ts");
    try {
      const ours: number[] = [];
      const plain: number[] = [];
      const disagreements: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        ours.push((await ask(script, "/ours")) as number);
        plain.push((await ask(script, "/plain")) as number);
        const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
        const found = (await ask(script, `/compare?seed=${seed}`)) as { disagreements: number };
        if (found.disagreements > 0) console.error(`seed ${seed}:`, JSON.stringify(found));
        disagreements.push(found.disagreements);
      }
      const ratios = ours.map((value, run) => value / (plain[run] ?? Number.NaN));
      return [
        { what: "ours", unit: "µs", runs: ours },
        { what: "plain casbin", unit: "µs", runs: plain },
        { what: "ours : plain casbin", unit: "", runs: ratios, target: { atMost: 0.02 } },
        {
          what: "disagreements in 100,000",
          unit: "",
          runs: disagreements,
          target: { atMost: 0 },
        },
      ];
    } finally {
      await script.stop();
    }
  },
};

async function ask(script: Script, path: string): Promise<unknown> {
  const answer = await fetch(script.url + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}
