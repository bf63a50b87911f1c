import { onTestFinished, vi } from "vitest";

/** Taken before anybody spies on it: a spy that calls itself never ends. */
const realFetch = globalThis.fetch;

/**
 * Sees every outgoing call of the Worker until the test ends; Worker and tests share one isolate.
 * A later watch takes the place of an earlier one.
 * @param answer takes a call over; `undefined` lets it through
 */
export function watchNetwork(
  answer: (request: Request) => Response | Promise<Response | undefined> | undefined = () =>
    undefined,
) {
  const calls: Request[] = [];
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    calls.push(request.clone());
    return (await answer(request)) ?? realFetch(request);
  });
  onTestFinished(() => spy.mockRestore());
  return calls;
}
