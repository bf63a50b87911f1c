import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

/** A modal dialogue: focus stays in it, Escape and a click beside it close it. */
export function Dialog(props: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** `alertdialog` needs an answer: it does not close by a click beside it. */
  role?: "dialog" | "alertdialog";
  /** Whether a click beside it closes it; one that holds work in progress should not. */
  isDismissable?: boolean;
  /** While it is at something that has a button to stop it, Escape does not. */
  isBusy?: boolean;
  wide?: boolean;
  children: ReactNode;
}) {
  const { title, isOpen, onClose, role = "dialog", wide = false, children } = props;
  const { isDismissable = role === "dialog", isBusy = false } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable={isDismissable}
      isKeyboardDismissDisabled={isBusy}
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={wide ? "modal wide" : "modal"}>
        <AriaDialog className="dialog" role={role}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
