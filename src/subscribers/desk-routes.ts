import { etagOf, targetOf } from "../http/etag.ts";
import { authenticate, authorize } from "../http/middleware/authenticate.ts";
import {
  bearer,
  etagHeader,
  ifMatchHeader,
  json,
  problems,
  REQUEST_BODY,
  requestIdHeader,
  SECURED,
} from "../http/openapi.ts";
import { operation } from "../http/router.ts";
import { idParam } from "../http/values.ts";
import { deleteSubscriber, enterSubscriber, patchSubscriber, restoreSubscriber } from "./desk.ts";
import { subscriberEntry, subscriberPatch } from "./desk-schema.ts";
import { subscriber } from "./subscriber-schema.ts";

const CHANGED = ["malformed_id", "subscriber_not_found", "stale_version"] as const;
const TAKEN = [
  "subscriber_active",
  "subscriber_unsubscribed",
  "subscriber_in_bin",
  "subscriber_erased",
] as const;

export const create = operation(
  {
    method: "post",
    path: "/subscribers",
    operationId: "createSubscriber",
    tags: ["Subscribers"],
    summary: "Enter a subscriber who asked for it another way",
    description:
      "ACTIVE at once. An address that is known already is 409, with a code that says whether it is active, has left or is in the bin, and `subscriberId`: who left is not brought back by entering the address again. An address that was erased may only be subscribed by its owner.",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "create")] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: subscriberEntry } } },
    },
    responses: {
      201: json(subscriber, "Stored.", {
        ...etagHeader,
        Location: { schema: { type: "string" }, description: "The subscriber's own address." },
      }),
      ...problems(...SECURED, ...REQUEST_BODY, ...TAKEN, "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const entered = await enterSubscriber(deps, principal, c.req.valid("json"));
    c.header("etag", etagOf(entered.version));
    c.header("location", `${c.req.path}/${entered.id}`);
    return c.json(entered, 201);
  },
);

export const patch = operation(
  {
    method: "patch",
    path: "/subscribers/{id}",
    operationId: "patchSubscriber",
    tags: ["Subscribers"],
    summary: "Change a subscriber",
    description:
      "A JSON merge patch (RFC 7396): what is absent stays, null takes away. A patch that changes nothing leaves no trace. UNSUBSCRIBED ends the subscription at the subscriber's wish; ACTIVE begins a new one, which no link of an earlier mail ends, with the `consent` that comes with it or none.",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "update")] as const,
    request: {
      params: idParam,
      headers: ifMatchHeader,
      body: {
        required: true,
        content: {
          "application/json": { schema: subscriberPatch },
          "application/merge-patch+json": { schema: subscriberPatch },
        },
      },
    },
    responses: {
      200: json(subscriber, "As it is now.", etagHeader),
      ...problems(...SECURED, ...REQUEST_BODY, ...CHANGED, ...TAKEN, "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const target = targetOf(c, c.req.valid("param").id);
    const patched = await patchSubscriber(deps, principal, target, c.req.valid("json"));
    c.header("etag", etagOf(patched.version));
    return c.json(patched, 200);
  },
);

export const remove = operation(
  {
    method: "delete",
    path: "/subscribers/{id}",
    operationId: "deleteSubscriber",
    tags: ["Subscribers"],
    summary: "Put a subscriber in the bin",
    description: "No mail reaches them there. A second time changes nothing.",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "delete")] as const,
    request: { params: idParam, headers: ifMatchHeader },
    responses: {
      204: { description: "It is in the bin.", headers: requestIdHeader },
      ...problems(...SECURED, ...CHANGED, "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    await deleteSubscriber(deps, principal, targetOf(c, c.req.valid("param").id));
    return c.body(null, 204);
  },
);

export const restore = operation(
  {
    method: "post",
    path: "/subscribers/{id}/restore",
    operationId: "restoreSubscriber",
    tags: ["Subscribers"],
    summary: "Take a subscriber out of the bin",
    description:
      "With the status they had. One that is not there stays as it is; one who was erased stays there.",
    security: bearer,
    middleware: [authenticate(), authorize("subscriber", "delete")] as const,
    request: { params: idParam, headers: ifMatchHeader },
    responses: {
      200: json(subscriber, "As it is now.", etagHeader),
      ...problems(...SECURED, ...CHANGED, "subscriber_erased", "database_unavailable"),
    },
  },
  async (c) => {
    const { deps, principal } = c.var;
    const restored = await restoreSubscriber(deps, principal, targetOf(c, c.req.valid("param").id));
    c.header("etag", etagOf(restored.version));
    return c.json(restored, 200);
  },
);
