import type { Deps } from "../deps.ts";
import { maskInquiry } from "./masking.ts";
import type { Inquiry } from "./schema.ts";
import { arrivalKey } from "./submission.ts";

type EventType = "inquiry.submitted" | "inquiry.updated" | "inquiry.deleted" | "inquiry.restored";

/** Tells the room what was committed, in one call however many they are. */
export function announceInquiries(
  deps: Pick<Deps, "publish" | "now">,
  changes: readonly { type: EventType; inquiry: Inquiry }[],
): void {
  const time = deps.now().toISOString();
  const events = changes.map(({ type, inquiry }) => ({
    type,
    time,
    data: inquiry,
    masked: maskInquiry(inquiry),
    ...(type === "inquiry.submitted" && { key: arrivalKey(inquiry.id) }),
  }));
  deps.publish({
    room: "inquiries",
    events,
    message: "Inquiry SENT",
    about: { inquiryId: changes.map(({ inquiry }) => inquiry.id).join(" ") },
  });
}
