import { useBlocker } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

/** A modal dialogue: focus stays in it; Escape, Back and a click beside it close it. */
export function Dialog(props: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** `alertdialog` needs an answer: it does not close by a click beside it. */
  role?: "dialog" | "alertdialog";
  /** Whether a click beside it closes it; one that holds work in progress should not. */
  isDismissable?: boolean;
  /** While it is at something that has a button to stop it, neither Escape nor Back does. */
  isBusy?: boolean;
  wide?: boolean;
  children: ReactNode;
}) {
  const { title, isOpen, onClose, role = "dialog", wide = false, children } = props;
  const { isDismissable = role === "dialog", isBusy = false } = props;
  // Or a phone's way to close things would turn the page beneath.
  useBlocker({
    shouldBlockFn: ({ action }) => {
      if (action === "PUSH" || action === "REPLACE") return false;
      if (!isBusy) onClose();
      return true;
    },
    disabled: !isOpen,
    enableBeforeUnload: false,
  });
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
