import { html } from "hono/html";
import type { CorrectedForm } from "../http/correction-page.ts";
import { page } from "../http/page.ts";

export function thankYouPage(receipt: string): Promise<Response> {
  return page({
    title: "Thank you, we have your message",
    body: html`<p>We will come back to you at the address you gave. You can close this page.</p>
<p><small>Receipt: ${receipt}</small></p>`,
  });
}

export const CONTACT_FORM: CorrectedForm = {
  notYet: "Your message has not been sent yet.",
  button: "Send",
  fields: {
    name: {
      label: "Your name",
      advice: "Please enter your name on one line, up to 200 characters.",
      type: "text",
    },
    email: {
      label: "Your e-mail address",
      advice: "Please enter an e-mail address, such as ada@example.com.",
      type: "email",
    },
    phone: {
      label: "Your phone number (optional)",
      advice: "Please enter a phone number on one line, up to 40 characters.",
      type: "tel",
    },
    subject: {
      label: "Subject (optional)",
      advice: "Please keep the subject on one line, up to 200 characters.",
      type: "text",
    },
    message: {
      label: "Your message",
      advice: "Please enter a message, up to 20,000 characters.",
      type: "textarea",
    },
  },
};
