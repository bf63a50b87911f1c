import { Link } from "@tanstack/react-router";
import { Pencil, ShieldUser } from "lucide-react";
import { useMay } from "../session/me.ts";
import { IconButton } from "../ui/button.tsx";

/** What can be done with the details of whatever is open, and with the address in it. */
export function EntryTools(props: { email: string | null; onEdit: (() => void) | undefined }) {
  const { email, onEdit } = props;
  const may = useMay();
  return (
    <span className="letter-tools">
      {onEdit && (
        <IconButton label="Edit details" onPress={onEdit}>
          <Pencil size={16} aria-hidden="true" />
        </IconButton>
      )}
      {email && may("privacy", "report") && (
        <Link
          to="/privacy"
          state={{ email }}
          className="button quiet icon"
          aria-label={`What is held about ${email}`}
          title="Personal data"
        >
          <ShieldUser size={17} aria-hidden="true" />
        </Link>
      )}
    </span>
  );
}
