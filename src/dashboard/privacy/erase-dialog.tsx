import { useMutation } from "@tanstack/react-query";
import { Eraser, LoaderCircle } from "lucide-react";
import { useId, useState } from "react";
import type { PrivacyErasure } from "../../privacy/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { toProblem } from "../api/problem.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNotice } from "../ui/form-dialog.tsx";

/** Makes whoever erases say whom, so that it is nobody else by mistake. */
export function EraseDialog(props: {
  email: string;
  onClose: () => void;
  onErased: (erasure: PrivacyErasure) => void;
}) {
  const { email, onClose, onErased } = props;
  const [typed, setTyped] = useState("");
  const id = useId();
  const erase = useMutation({
    mutationFn: () => answerOf(api.privacy.erase.$post({ json: { email } })),
    onSuccess: onErased,
  });
  const same = typed.trim().toLowerCase() === email.toLowerCase();
  return (
    <Dialog title="Erase for good?" role="alertdialog" isOpen onClose={onClose}>
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (same && !erase.isPending) erase.mutate();
        }}
      >
        <p>
          Names, addresses and texts that came from <strong className="any-break">{email}</strong>{" "}
          are erased, also in notes and in the bin. Nobody can bring them back.
        </p>
        <div className="field">
          <label htmlFor={id}>Type the address to confirm</label>
          <input
            id={id}
            className="input"
            type="email"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </div>
        {erase.error && <ProblemNotice problem={toProblem(erase.error)} />}
        <div className="actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button look="danger" type="submit" isDisabled={!same || erase.isPending}>
            {erase.isPending ? (
              <LoaderCircle size={16} className="spin" aria-hidden="true" />
            ) : (
              <Eraser size={16} aria-hidden="true" />
            )}
            Erase for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
