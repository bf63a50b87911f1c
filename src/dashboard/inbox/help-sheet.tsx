import { useSyncExternalStore } from "react";
import { shortcuts } from "../shell/shortcuts.ts";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Dialog } from "../ui/dialog.tsx";

const SHEET: readonly (readonly [heading: string, keys: readonly (readonly [string, string])[]])[] =
  [
    [
      "Move",
      [
        ["j", "Next inquiry"],
        ["k", "Previous inquiry"],
        ["Esc", "Close, or clear the selection"],
        [".", "Show what has arrived"],
        ["/", "Search"],
      ],
    ],
    [
      "Triage",
      [
        ["s", "Start: in progress"],
        ["e", "Resolve"],
        ["!", "Spam or cancel"],
        ["i", "Back to the inbox, out of spam"],
        ["#", "Delete"],
        ["z", "Undo"],
      ],
    ],
    [
      "Work",
      [
        ["x", "Select, for several at once"],
        ["a", "Assign to me, or to nobody"],
        ["n", "Write a note"],
        ["d", "Edit the details"],
        ["c", "Enter a new inquiry"],
        ["?", "This sheet"],
      ],
    ],
  ];

export function HelpSheet({ onClose }: { onClose: () => void }) {
  const on = useSyncExternalStore(shortcuts.subscribe, shortcuts.enabled);
  return (
    <Dialog title="Keys" isOpen wide onClose={onClose}>
      <div className="help">
        {SHEET.map(([heading, keys]) => (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>
                    <kbd className="kbd">{key}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="actions spread">
        <Checkbox isSelected={on} onChange={shortcuts.enable}>
          Single keys act on this device
        </Checkbox>
        <Button look="primary" onPress={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
