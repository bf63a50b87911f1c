import { createRouter } from "../http/router.ts";
import { importAll, mailing } from "./bulk-routes.ts";
import { create, patch, remove, restore } from "./desk-routes.ts";
import { importMessage } from "./import-schema.ts";
import { count, exportAll, get, list, statistics, trail } from "./reading-routes.ts";

/** The desk's side of subscribers. Fixed paths come before `{id}`. */
export const subscriberRoutes = createRouter().openapiRoutes([
  count,
  statistics,
  exportAll,
  mailing,
  importAll,
  list,
  create,
  get,
  patch,
  remove,
  restore,
  trail,
] as const);
subscriberRoutes.openAPIRegistry.register("ImportMessage", importMessage);
