import type { Subscriber } from "../../subscribers/subscriber-schema.ts";
import { answerOf, api } from "../api/client.ts";
import type { ApiProblem } from "../api/problem.ts";
import { Button } from "../ui/button.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";

const WAYS = ["in person", "phone", "letter", "fair"];

/** For who asked in person. */
export function EntryDialog(props: {
  onClose: () => void;
  onSaved: (subscriber: Subscriber) => void;
  /** Shows whom the address belongs to already. */
  onShow: (id: string, inBin: boolean) => void;
}) {
  const { onClose, onSaved, onShow } = props;

  async function save(text: (field: string) => string): Promise<void> {
    const optional = (field: "name" | "source" | "locale") =>
      text(field) ? { [field]: text(field) } : {};
    const wording = text("wording");
    onSaved(
      await answerOf(
        api.subscribers.$post({
          json: {
            email: text("email"),
            ...optional("name"),
            ...optional("source"),
            ...optional("locale"),
            ...(wording && { consent: { wording } }),
          },
        }),
      ),
    );
  }

  const help = ({ code, body }: ApiProblem) => {
    const { subscriberId: id } = body as { subscriberId?: string };
    if (id === undefined) return null;
    return (
      <p>
        <Button onPress={() => onShow(id, code === "subscriber_in_bin")}>Show them</Button>
      </p>
    );
  };

  return (
    <FormDialog
      title="Add a subscriber"
      action="Add"
      draft="new subscriber"
      {...{ onClose, help }}
      onSubmit={save}
    >
      <p className="quiet-text">
        For somebody who asked for it another way. They are on the list at once, and every mail
        tells them how to leave it.
      </p>
      <TextField name="email" label="E-mail" type="email" required autoFocus />
      <div className="form-pair">
        <TextField name="name" label="Name" />
        <TextField
          name="source"
          label="How they asked"
          defaultValue="in person"
          suggestions={WAYS}
        />
      </div>
      <TextField
        name="wording"
        label="What they agreed to"
        rows={2}
        hint="In the words they were asked with. It is kept as the proof of their consent."
      />
      <TextField name="locale" label="Language" hint="As a tag: en-GB, de, pt-BR" />
    </FormDialog>
  );
}
