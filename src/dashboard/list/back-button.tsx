import { ArrowLeft } from "lucide-react";
import { IconButton } from "../ui/button.tsx";

/** On a phone, where the list is not beside what is open. */
export function BackButton({ onClose }: { onClose: () => void }) {
  return (
    <span className="only-narrow">
      <IconButton label="Back to the list" onPress={onClose}>
        <ArrowLeft size={19} aria-hidden="true" />
      </IconButton>
    </span>
  );
}
