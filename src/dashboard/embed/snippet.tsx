import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { toast } from "../ui/toasts.tsx";

const COPIED_MS = 2_000;

/** HTML to copy, beside what it looks like: the same text, parsed. */
export function Snippet(props: {
  title: string;
  about: string;
  html: string;
  children?: ReactNode;
}) {
  const { title, about, html, children } = props;
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <div>
          <h2 id={id}>{title}</h2>
          <p>{about}</p>
        </div>
        <CopyButton text={html} />
      </div>
      {children && <div className="options">{children}</div>}
      <div className="forms-grid">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
        <section className="code" tabIndex={0} aria-label={`${title}: HTML`}>
          <pre>{html}</pre>
        </section>
        <Preview html={html} title={title} />
      </div>
    </section>
  );
}

function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  return (
    <Button
      look="primary"
      onPress={() => {
        navigator.clipboard.writeText(text).then(
          () => {
            setCopied(true);
            setTimeout(() => setCopied(false), COPIED_MS);
          },
          () =>
            toast({
              text: "The browser did not allow it. Select the text and copy it.",
              bad: true,
            }),
        );
      }}
    >
      <Icon size={16} aria-hidden="true" /> {copied ? "Copied" : "Copy HTML"}
    </Button>
  );
}

/** The form itself. It really sends, in a new tab, so that it can be tried out. */
function Preview({ html, title }: { html: string; title: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Parsed apart from the page: it holds only what snippets.ts wrote, every value escaped.
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const form = parsed.querySelector("form");
    if (!form || !place.current) return;
    form.target = "_blank";
    form.rel = "noopener";
    place.current.replaceChildren(document.adoptNode(form));
  }, [html]);
  return (
    <div className="preview">
      <h3>Preview. It really sends, in a new tab.</h3>
      <section ref={place} aria-label={`${title}: preview`} />
    </div>
  );
}
