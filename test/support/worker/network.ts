import { onTestFinished, vi } from "vitest";

/**
 * Sees every outgoing call of the Worker until the test ends; Worker and tests share one isolate.
 * @param answer takes a call over; `undefined` lets it through
 */
export function watchNetwork(
  answer: (request: Request) => Response | Promise<Response | undefined> | undefined = () =>
    undefined,
) {
  const calls: Request[] = [];
  const real = globalThis.fetch;
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    calls.push(request.clone());
    return (await answer(request)) ?? real(request);
  });
  onTestFinished(() => spy.mockRestore());
  return calls;
}
