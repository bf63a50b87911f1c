import { submission } from "../inquiries/submission.ts";
import { subscription } from "../subscribers/subscription.ts";
import { unsubscription } from "../subscribers/unsubscription.ts";
import type { AnyCommand } from "./command.ts";

/** Everything that can wait in a spool. A command that is taken out leaves its rows unread. */
export const COMMANDS: readonly AnyCommand[] = [submission, subscription, unsubscription];
