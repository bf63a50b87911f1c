import { ShieldAlert } from "lucide-react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { EntryTools } from "../list/entry-tools.tsx";
import { mailTarget } from "../list/mail-target.ts";
import { useMay } from "../session/me.ts";
import { Time } from "../ui/time.tsx";
import { spamReasonText } from "./spam-reasons.ts";
import { StatusBadge } from "./status.tsx";

/** The message as it was written, with who wrote it and from where. */
export function Letter(props: { inquiry: Inquiry; onEdit: (() => void) | undefined }) {
  const { inquiry, onEdit } = props;
  const { name, email, phone, subject, message, status, spamReasons, metadata } = inquiry;
  const may = useMay();
  const mayContact = may("inquiry", "contact");
  const extra = Object.entries(metadata);
  return (
    <article className="letter" aria-labelledby="letter-title">
      <header>
        <div className="letter-tags">
          <StatusBadge status={status} />
          {inquiry.assignee && <span className="tag">Assigned to {inquiry.assignee}</span>}
          {inquiry.deletedAt && <span className="tag warn">In the bin</span>}
          <EntryTools email={email} onEdit={onEdit} />
        </div>
        <h2 id="letter-title" dir="auto">
          {subject ?? `A message from ${name}`}
        </h2>
        <p className="letter-from">
          <strong dir="auto">{name}</strong>
          {email && (
            <span>
              {mayContact ? <a href={`mailto:${mailTarget(email, subject)}`}>{email}</a> : email}
            </span>
          )}
          {phone && (
            <span>
              {mayContact ? <a href={`tel:${phone.replaceAll(/[^+\d]/g, "")}`}>{phone}</a> : phone}
            </span>
          )}
        </p>
        <p className="letter-when">
          <Time at={inquiry.submittedAt} long />
          {inquiry.source && <> · from {inquiry.source}</>}
          {inquiry.country && <> · {countryName(inquiry.country)}</>}
        </p>
      </header>
      {spamReasons.length > 0 && (
        <div className="notice">
          <ShieldAlert size={17} aria-hidden="true" />
          <div>
            <strong>Filed as spam.</strong> {spamReasons.map(spamReasonText).join(" ")}
          </div>
        </div>
      )}
      <div className="letter-text" dir="auto" lang={inquiry.locale ?? undefined}>
        {message}
      </div>
      {extra.length > 0 && (
        <dl className="facts">
          {extra.map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  );
}

const regions = new Intl.DisplayNames(undefined, { type: "region" });

function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    // Cloudflare also says T1 (Tor) and XX (unknown), which are no regions.
    return code === "T1" ? "Tor" : code;
  }
}
