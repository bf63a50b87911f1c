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
  wide?: boolean;
  children: ReactNode;
}) {
  const { title, isOpen, onClose, role = "dialog", wide = false, children } = props;
  const { isDismissable = role === "dialog" } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable={isDismissable}
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
