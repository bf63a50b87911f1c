import { useEffect, useId, useState } from "react";
import { siteConfig } from "../session/config.ts";
import { useMay } from "../session/me.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { Snippet } from "./snippet.tsx";
import { contactForm, type SnippetOptions, signUpForm } from "./snippets.ts";

export function FormsPage() {
  const [options, setOptions] = useState<SnippetOptions>({
    baseUrl: siteConfig.publicBaseUrl.replace(/\/$/, ""),
    source: "contact-page",
    redirect: "",
    phone: false,
    subject: true,
    turnstileSiteKey: siteConfig.turnstileSiteKey,
    consent: "Send me the newsletter. I can leave at any time.",
  });
  const id = useId();
  const may = useMay();
  useEffect(() => {
    document.title = "Forms · Outreach";
  }, []);
  const change = (patch: Partial<SnippetOptions>) => setOptions({ ...options, ...patch });
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Forms</h1>
          <p>
            {siteConfig.turnstileSiteKey
              ? "Copy one into any page of yours. What is sent without Turnstile's script, as by this page's preview, is filed as spam."
              : "Copy one into any page of yours. Plain HTML: no script, nothing to load."}
          </p>
        </div>
      </div>
      <div className="options">
        <div className="field">
          <label htmlFor={`${id}-source`}>Source, as the desk will show it</label>
          <input
            id={`${id}-source`}
            className="input"
            maxLength={200}
            value={options.source}
            onChange={({ target }) => change({ source: target.value })}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-redirect`}>Afterwards, lead to (optional)</label>
          <input
            id={`${id}-redirect`}
            className="input"
            type="url"
            placeholder="https://www.example.com/thank-you"
            value={options.redirect}
            onChange={({ target }) => change({ redirect: target.value })}
          />
        </div>
      </div>
      <div className="cards">
        <Snippet
          title="Contact form"
          about="What is sent arrives in the inbox at once. Fields you add are kept with the message."
          html={contactForm(options)}
        >
          <Checkbox isSelected={options.subject} onChange={(subject) => change({ subject })}>
            Ask for a subject
          </Checkbox>
          <Checkbox isSelected={options.phone} onChange={(phone) => change({ phone })}>
            Ask for a phone number
          </Checkbox>
        </Snippet>
        {may("subscriber", "read") && (
          <Snippet
            title="Newsletter sign-up"
            about="The answer is the same for every address, so that strangers learn nothing."
            html={signUpForm({ ...options, source: options.source || "newsletter" })}
          >
            <div className="field">
              <label htmlFor={`${id}-consent`}>What they agree to, kept as proof</label>
              <input
                id={`${id}-consent`}
                className="input"
                maxLength={2_000}
                value={options.consent}
                onChange={({ target }) => change({ consent: target.value })}
              />
            </div>
          </Snippet>
        )}
      </div>
    </div>
  );
}
