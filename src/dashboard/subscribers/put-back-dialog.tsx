import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";

/** Begins a new subscription for somebody who had left, or was taken for a robot. */
export function PutBackDialog(props: {
  id: string;
  email: string;
  /** @param wording undefined when nothing was written down */
  onPutBack: (wording: string | undefined) => Promise<void>;
  onClose: () => void;
}) {
  const { id, email, onPutBack, onClose } = props;
  return (
    <FormDialog
      title="Put them back on the list?"
      action="Put back"
      draft={`put back ${id}`}
      onClose={onClose}
      onSubmit={(text) => onPutBack(text("wording") || undefined)}
    >
      <p>
        Only if <strong className="any-break">{email}</strong> has asked for it: to write to
        somebody who has left is what spam is.
      </p>
      <TextField
        name="wording"
        label="What they agreed to this time"
        rows={2}
        autoFocus
        hint="In the words they were asked with. It is kept as the proof of their consent."
      />
    </FormDialog>
  );
}
