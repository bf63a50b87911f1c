import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps } from "react-aria-components";

export function Checkbox({
  children,
  ...props
}: Omit<CheckboxProps, "children" | "className"> & { children?: ReactNode }) {
  return (
    <AriaCheckbox {...props} className="check">
      {({ isIndeterminate }) => (
        <>
          <span className="box">
            {isIndeterminate ? (
              <Minus size={13} strokeWidth={3} />
            ) : (
              <Check size={13} strokeWidth={3} />
            )}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}
