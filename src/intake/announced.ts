import { arrivals } from "../inquiries/arrivals.ts";
import { movements } from "../subscribers/movements.ts";
import type { Announced } from "./sweep.ts";

/** Everything whose announcement is looked for after the fact. */
export const ANNOUNCED: readonly Announced[] = [arrivals, movements];
