import { useState } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { drafts } from "../session/drafts.ts";
import { useMe } from "../session/me.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";

const DRAFT = "new inquiry";
const WAYS = ["phone", "in person", "letter", "e-mail"];

/** For what came by telephone or over the counter. */
export function EntryDialog(props: { onClose: () => void; onSaved: (inquiry: Inquiry) => void }) {
  const { onClose, onSaved } = props;
  const { data: me } = useMe();
  const [mine, setMine] = useState(false);

  async function save(text: (field: string) => string): Promise<void> {
    const optional = (field: "email" | "phone" | "subject" | "source") =>
      text(field) ? { [field]: text(field) } : {};
    const entry = {
      name: text("name"),
      message: text("message"),
      ...optional("email"),
      ...optional("phone"),
      ...optional("subject"),
      ...optional("source"),
      ...(mine && me && { assignee: me.subject }),
    };
    const headers = { "idempotency-key": drafts.idempotencyKey(DRAFT, JSON.stringify(entry)) };
    onSaved(await answerOf(api.inquiries.$post({ json: entry }, { headers })));
  }

  return (
    <FormDialog title="New inquiry" action="Save" draft={DRAFT} onSubmit={save} onClose={onClose}>
      <p className="quiet-text">
        For what reached you another way. A phone number or an e-mail address is needed, to answer.
      </p>
      <div className="form-pair">
        <TextField name="name" label="Name" required autoFocus />
        <TextField name="source" label="How it came" defaultValue="phone" suggestions={WAYS} />
        <TextField name="phone" label="Phone" type="tel" />
        <TextField name="email" label="E-mail" type="email" />
      </div>
      <TextField name="subject" label="Subject" />
      <TextField name="message" label="Message" required rows={5} />
      <Checkbox isSelected={mine} onChange={setMine}>
        Assign it to me
      </Checkbox>
    </FormDialog>
  );
}
