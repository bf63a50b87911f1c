import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { LoaderCircle, LockKeyhole } from "lucide-react";
import { useEffect } from "react";
import { queryClient } from "./api/query-client.ts";
import { router } from "./router.tsx";
import { useMe } from "./session/me.ts";
import { signOut } from "./session/session.ts";
import { SignInPage } from "./session/sign-in-page.tsx";
import { useSession } from "./session/use-session.ts";
import { Button } from "./ui/button.tsx";
import { Blank, Failure } from "./ui/states.tsx";
import { Toasts } from "./ui/toasts.tsx";

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Gate />
      <Toasts />
    </QueryClientProvider>
  );
}

/** Decides what there is to see at all: signing in, or the desk. */
function Gate() {
  const session = useSession();
  switch (session.state) {
    case "loading":
      return <Waiting />;
    case "signed-out":
    case "failed":
      return <SignInPage failure={session.state === "failed" ? session.reason : undefined} />;
    default:
      return <Desk />;
  }
}

function Desk() {
  const session = useSession();
  const me = useMe();
  if (me.isPending) return <Waiting />;
  // Nothing has been shown yet that could stay until somebody signs in again.
  if (me.isError && session.state === "ended") return <SignInPage failure={undefined} />;
  if (me.isError) return <Failure error={me.error} onRetry={() => void me.refetch()} />;
  if (me.data.permissions.length === 0) return <NoPermission name={me.data.name} />;
  return <RouterProvider router={router} />;
}

function Waiting() {
  return (
    <main className="state full" aria-busy="true">
      <LoaderCircle size={28} className="spin" aria-hidden="true" />
      <p>Opening the desk …</p>
    </main>
  );
}

function NoPermission({ name }: { name: string | null }) {
  useEffect(() => {
    document.title = "No access · Outreach";
  }, []);
  return (
    <main className="full">
      <Blank
        level={1}
        icon={LockKeyhole}
        title="There is nothing here for you yet"
        action={<Button onPress={() => void signOut()}>Sign out</Button>}
      >
        You are signed in{name ? ` as ${name}` : ""}, but no role has been given to you. Ask an
        owner of this desk for one, then sign in again.
      </Blank>
    </main>
  );
}
