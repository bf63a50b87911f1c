import { Outlet, useRouterState } from "@tanstack/react-router";
import { CloudOff, LogIn } from "lucide-react";
import { useEffect, useRef } from "react";
import { refreshCounts } from "../inbox/queries.ts";
import { finishUnfinished } from "../inbox/unfinished.ts";
import { useOnline } from "../live/connection-badge.tsx";
import { useConnection, useRoom } from "../live/use-room.ts";
import { useMay, useMe } from "../session/me.ts";
import { signIn } from "../session/session.ts";
import { useSession } from "../session/use-session.ts";
import { Button } from "../ui/button.tsx";
import { Nav } from "./nav.tsx";

/** What stays while pages change: navigation, the live connection, and what is wrong with it. */
export function Layout() {
  const may = useMay();
  useRoom("inquiries", may("room", "inquiries"), {
    onEvents: refreshCounts,
    onGap: refreshCounts,
  });
  const connection = useConnection("inquiries");
  useEffect(() => {
    // What was counted while the way was closed may have failed.
    if (connection === "live") refreshCounts();
  }, [connection]);
  const { data: me } = useMe();
  const subject = me?.subject;
  useEffect(() => {
    if (subject !== undefined) void finishUnfinished(subject);
  }, [subject]);
  const main = useFocusOnNewPage();
  return (
    <div className="desk">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Nav />
      <div className="stage">
        <Troubles />
        <main id="main" ref={main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

/** A new page begins at its beginning, for the keyboard too; a row opened beside its list does not. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const section = useRouterState({ select: ({ location }) => location.pathname.split("/")[1] });
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the section is what a page is
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [section]);
  return main;
}

function Troubles() {
  const online = useOnline();
  const session = useSession();
  if (session.state === "ended") {
    return (
      <div className="trouble" role="alert">
        <LogIn size={17} aria-hidden="true" />
        <span>Your session has ended. What is on the screen stays until you sign in again.</span>
        <Button onPress={() => void signIn()}>Sign in again</Button>
      </div>
    );
  }
  if (online) return null;
  return (
    <div className="trouble" role="alert">
      <CloudOff size={17} aria-hidden="true" />
      <span>
        You are offline. You can go on reading; what arrives meanwhile is caught up on when the
        network is back.
      </span>
    </div>
  );
}
