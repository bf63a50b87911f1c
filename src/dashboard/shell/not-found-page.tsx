import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { Blank } from "../ui/states.tsx";

export function NotFoundPage() {
  return (
    <Blank
      level={1}
      icon={Compass}
      title="There is no such page"
      action={
        <Link to="/inquiries" className="button">
          Go to the inbox
        </Link>
      }
    >
      The address may be mistyped, or from an older version of this desk.
    </Blank>
  );
}
