import { LogIn } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Logo } from "../ui/logo.tsx";
import { signIn } from "./session.ts";

const FAILURES = {
  unreachable: "The identity provider cannot be reached. Check the connection, then try again.",
  refused: "Signing in did not succeed, or was cancelled. You can try again.",
};

export function SignInPage({ failure }: { failure: keyof typeof FAILURES | undefined }) {
  const [leaving, setLeaving] = useState(false);
  useEffect(() => {
    document.title = "Sign in · Outreach";
    const stay = () => setLeaving(false);
    stay();
    // Back from the provider's page, this one is as it was left.
    addEventListener("pageshow", stay);
    return () => removeEventListener("pageshow", stay);
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-sheet">
        <Logo size={40} />
        <h1>Outreach</h1>
        <p>The desk where messages arrive. Sign in to see what has come in.</p>
        {failure && (
          <p className="notice error" role="alert">
            {FAILURES[failure]}
          </p>
        )}
        <Button
          look="primary"
          isDisabled={leaving && failure === undefined}
          onPress={() => {
            setLeaving(true);
            void signIn();
          }}
        >
          <LogIn size={17} aria-hidden="true" /> Sign in
        </Button>
      </div>
    </main>
  );
}
