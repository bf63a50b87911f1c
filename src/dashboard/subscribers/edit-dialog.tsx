import { useState } from "react";
import type { SubscriberPatch } from "../../subscribers/desk-schema.ts";
import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";

export function EditDialog(props: {
  subscriber: Subscriber;
  /** Resolves once it has been saved, or the conflict dialogue has taken over. */
  onSave: (before: Subscriber, patch: SubscriberPatch) => Promise<unknown>;
  onClose: () => void;
}) {
  const { onSave, onClose } = props;
  // As it was when the editing began: what others do meanwhile has to be a conflict.
  const [before] = useState(props.subscriber);

  async function save(text: (field: string) => string): Promise<void> {
    const after = {
      email: text("email"),
      name: text("name") || null,
      source: text("source") || null,
      locale: text("locale") || null,
    };
    const fields = Object.keys(after) as (keyof typeof after)[];
    const changed = fields.filter((field) => after[field] !== before[field]);
    if (changed.length > 0) {
      await onSave(before, Object.fromEntries(changed.map((field) => [field, after[field]])));
    }
    onClose();
  }

  return (
    <FormDialog
      title="Edit details"
      action="Save"
      draft={`subscriber ${before.id}`}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField
        name="email"
        label="E-mail"
        type="email"
        required
        autoFocus
        defaultValue={before.email}
      />
      <TextField name="name" label="Name" defaultValue={before.name} />
      <div className="form-pair">
        <TextField name="source" label="Came from" defaultValue={before.source} />
        <TextField name="locale" label="Language" defaultValue={before.locale} />
      </div>
    </FormDialog>
  );
}
