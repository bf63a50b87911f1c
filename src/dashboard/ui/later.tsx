import { type ComponentType, useCallback, useEffect, useState } from "react";
import { unreachable } from "../api/problem.ts";
import { Bones, Failure } from "./states.tsx";
import { toast } from "./toasts.tsx";

type Load<P> = () => Promise<ComponentType<P>>;

/** After the list has come in: what is here already opens at once, and without a network. */
const IDLE_MS = 3_000;

/**
 * A dialogue that is fetched when the page has nothing else to do. Not `lazy`: that takes the whole
 * page away when the network is, and never asks again.
 * @param close what happens when it cannot be had
 */
export function laterDialog<P extends object>(load: Load<P>, close: (props: P) => void) {
  const part = fetchOnce(load);
  setTimeout(() => void part.fetch().catch(() => undefined), IDLE_MS);
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each, by modules
  return function LaterDialog(props: P) {
    const [Part, error] = usePart(part);
    // biome-ignore lint/correctness/useExhaustiveDependencies: said once for each failure
    useEffect(() => {
      if (error === undefined) return;
      sayMissing();
      close(props);
    }, [error]);
    return Part ? <Part {...props} /> : null;
  };
}

/** A page that is fetched when somebody is about to go there. */
export function laterPage(load: Load<object>) {
  const part = fetchOnce(load);
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each, by modules
  function LaterPage() {
    const [Part, error, retry] = usePart(part);
    useEffect(() => {
      addEventListener("online", retry);
      return () => removeEventListener("online", retry);
    }, [retry]);
    if (Part) return <Part />;
    if (error !== undefined) return <Failure error={unreachable()} onRetry={retry} />;
    return (
      <div className="page">
        <Bones lines={[30, 80, 65, 72]} />
      </div>
    );
  }
  return Object.assign(LaterPage, {
    preload: () =>
      part.fetch().then(
        () => undefined,
        () => undefined,
      ),
  });
}

interface Part<P> {
  get(): ComponentType<P> | undefined;
  fetch(): Promise<ComponentType<P>>;
}

/** What has failed is asked for again the next time. */
function fetchOnce<P>(load: Load<P>): Part<P> {
  let part: ComponentType<P> | undefined;
  return {
    get: () => part,
    async fetch() {
      part ??= await load();
      return part;
    },
  };
}

function usePart<P>(part: Part<P>) {
  const [Component, setComponent] = useState(() => part.get());
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (Component || error !== undefined) return;
    let isHere = true;
    part.fetch().then(
      (loaded) => isHere && setComponent(() => loaded),
      (reason: unknown) => isHere && setError(reason),
    );
    return () => {
      isHere = false;
    };
  }, [part, Component, error]);
  const retry = useCallback(() => setError(undefined), []);
  return [Component, error, retry] as const;
}

function sayMissing(): void {
  toast({
    text: "This could not be opened. Check the connection; with one, reload the page: there may be a newer desk.",
    bad: true,
    milliseconds: 9000,
    action: { label: "Reload", run: () => location.reload() },
  });
}
