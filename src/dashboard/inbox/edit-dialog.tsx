import { useState } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { useMay, useMe } from "../session/me.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import type { Patch } from "./use-actions.ts";

/** Corrects who wrote and what about. The message stays as it was written. */
export function EditDialog(props: {
  inquiry: Inquiry;
  /** Resolves once it has been saved, or the conflict dialogue has taken over. */
  onSave: (before: Inquiry, patch: Patch) => Promise<unknown>;
  onClose: () => void;
}) {
  const { onSave, onClose } = props;
  // As it was when the editing began: what others do meanwhile has to be a conflict.
  const [before] = useState(props.inquiry);
  const { data: me } = useMe();
  const mayContact = useMay()("inquiry", "contact");

  async function save(text: (field: string) => string): Promise<void> {
    const after: Patch = {
      name: text("name"),
      subject: text("subject") || null,
      assignee: text("assignee") || null,
      ...(mayContact && { email: text("email") || null, phone: text("phone") || null }),
    };
    const fields = Object.keys(after) as (keyof Patch)[];
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
      draft={`inquiry ${before.id}`}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField name="subject" label="Subject" defaultValue={before.subject} autoFocus />
      <div className="form-pair">
        <TextField name="name" label="Name" required defaultValue={before.name} />
        <TextField
          name="assignee"
          label="Assigned to"
          defaultValue={before.assignee}
          suggestions={me ? [me.subject] : []}
        />
        {mayContact && (
          <>
            <TextField name="email" label="E-mail" type="email" defaultValue={before.email} />
            <TextField name="phone" label="Phone" type="tel" defaultValue={before.phone} />
          </>
        )}
      </div>
    </FormDialog>
  );
}
