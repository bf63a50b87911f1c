import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";

type Look = "plain" | "primary" | "danger" | "quiet";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "children"> {
  look?: Look;
  children?: ReactNode;
  className?: string;
}

export function Button({ look = "plain", className = "", ...props }: ButtonProps) {
  return <AriaButton {...props} className={`button ${look} ${className}`} />;
}

/** A button that shows only an icon; `label` is its name. */
export function IconButton({ label, ...props }: ButtonProps & { label: string }) {
  return <Button look="quiet" {...props} aria-label={label} className="icon" />;
}
