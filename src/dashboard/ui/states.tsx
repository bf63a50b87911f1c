import { CircleAlert, CloudOff, type LucideIcon, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { adviceFor, toProblem } from "../api/problem.ts";
import { Button } from "./button.tsx";

/** A page or pane that has nothing to list: what that means, and what to do next. */
export function Blank(props: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  level?: 1 | 2;
}) {
  const { icon: Icon, title, children, action, level = 2 } = props;
  const Title = level === 1 ? "h1" : "h2";
  return (
    <div className="state">
      <span className="mark" aria-hidden="true">
        <Icon size={24} strokeWidth={1.75} />
      </span>
      <Title>{title}</Title>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = toProblem(error);
  return (
    <div role="alert" className="failure">
      <Blank
        icon={problem.code === "unreachable" ? CloudOff : CircleAlert}
        title={problem.title}
        action={
          onRetry && (
            <Button onPress={onRetry}>
              <RotateCw size={16} aria-hidden="true" /> Try again
            </Button>
          )
        }
      >
        {adviceFor(problem)}
        {problem.requestId && (
          <>
            <br />
            <small>Reference {problem.requestId}</small>
          </>
        )}
      </Blank>
    </div>
  );
}

/** Grey bars where text will be. @param props.lines widths in per cent */
export function Bones({ lines }: { lines: readonly number[] }) {
  return (
    <div className="bones" aria-hidden="true">
      {lines.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars never change places
        <div key={index} className="bone" style={{ width: `${width}%`, height: "0.8rem" }} />
      ))}
    </div>
  );
}
