import { CircleAlert } from "lucide-react";
import { createContext, type HTMLAttributes, type ReactNode, useContext, useId } from "react";

/** What is wrong, by the `name` of a field; a form provides it for the fields in it. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({});

export interface TextFieldProps {
  name: string;
  label: string;
  defaultValue?: string | null;
  type?: "text" | "email" | "tel";
  inputMode?: HTMLAttributes<HTMLElement>["inputMode"];
  autoComplete?: string;
  required?: boolean;
  /** Rows of a field for several lines. */
  rows?: number;
  hint?: ReactNode;
  suggestions?: readonly string[];
  autoFocus?: boolean;
}

/** A labelled field that keeps its own text and says what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const { name, label, rows, hint, suggestions = [], required = false, ...rest } = props;
  const { defaultValue, autoFocus, ...input } = rest;
  const error = useContext(FieldErrors)[name];
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const shared = {
    id,
    name,
    className: "input",
    dir: "auto",
    defaultValue: defaultValue ?? "",
    "aria-required": required || undefined,
    "aria-invalid": error ? (true as const) : undefined,
    "aria-describedby": described || undefined,
    "data-autofocus": autoFocus || undefined,
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {required && <span aria-hidden="true"> *</span>}
      </label>
      {rows === undefined ? (
        <input
          {...shared}
          {...input}
          autoComplete={input.autoComplete ?? "off"}
          list={suggestions.length > 0 ? `${id}-list` : undefined}
        />
      ) : (
        <textarea {...shared} rows={rows} />
      )}
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
      {error && (
        <span className="field-error" id={`${id}-error`}>
          <CircleAlert size={14} aria-hidden="true" /> {error}
        </span>
      )}
      {hint && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
