import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/** Asks once more, for what cannot be undone. */
export function ConfirmDialog(props: {
  title: string;
  action: string;
  children: ReactNode;
  onCancel: () => void;
  onConfirm: () => void;
}) {
  const { title, action, children, onCancel, onConfirm } = props;
  return (
    <Dialog title={title} role="alertdialog" isOpen onClose={onCancel}>
      <p>{children}</p>
      <div className="actions">
        <Button autoFocus onPress={onCancel}>
          Cancel
        </Button>
        <Button look="danger" onPress={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
