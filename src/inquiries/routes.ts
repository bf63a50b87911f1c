import { createRouter } from "../http/router.ts";
import { add, trail } from "./activity-routes.ts";
import { create, patch, remove, restore, triage } from "./desk-routes.ts";
import { count, exportAll, get, list, statistics } from "./reading-routes.ts";

/** The desk's side of inquiries. Fixed paths come before `{id}`. */
export const inquiryRoutes = createRouter().openapiRoutes([
  count,
  statistics,
  exportAll,
  list,
  create,
  triage,
  get,
  patch,
  remove,
  restore,
  trail,
  add,
] as const);
