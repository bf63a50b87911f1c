import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useEffect } from "react";
import { ConnectionBadge } from "../live/connection-badge.tsx";
import { useMay } from "../session/me.ts";
import { Button } from "../ui/button.tsx";
import { Bones, Failure } from "../ui/states.tsx";
import { LiveEvents } from "./live-events.tsx";
import { Parts } from "./parts.tsx";
import { loadReadiness } from "./readiness.ts";
import { SetAside } from "./set-aside.tsx";

const REFRESH_MS = 15_000;

export function OperationsPage() {
  const may = useMay();
  useEffect(() => {
    document.title = "Operations · Outreach";
  }, []);
  const readiness = useQuery({
    queryKey: ["readiness"],
    queryFn: loadReadiness,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Operations</h1>
          <p>What the service depends on, and what needs somebody.</p>
        </div>
        <Button onPress={() => void readiness.refetch()} isDisabled={readiness.isFetching}>
          <RotateCw size={16} aria-hidden="true" /> Ask again
        </Button>
      </div>
      <div className="cards">
        <section className="card" aria-labelledby="parts-title">
          <h2 id="parts-title" className="sr">
            Dependencies
          </h2>
          {readiness.isPending && <Bones lines={[30, 90, 80]} />}
          {readiness.isError && (
            <Failure error={readiness.error} onRetry={() => void readiness.refetch()} />
          )}
          {readiness.data && <Parts readiness={readiness.data} />}
        </section>
        {may("spool", "read") && <SetAside />}
        {may("room", "operations") && (
          <section className="card" aria-labelledby="events-title">
            <div className="card-head">
              <div>
                <h2 id="events-title">As it happens</h2>
                <p>Floods, outages and writes that were set aside, since this page was opened.</p>
              </div>
              <ConnectionBadge room="operations" />
            </div>
            <LiveEvents />
          </section>
        )}
      </div>
    </div>
  );
}
