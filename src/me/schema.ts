import { z } from "@hono/zod-openapi";

const grant = z.object({
  object: z.string().openapi({ example: "inquiry" }),
  action: z.string().openapi({ example: "read" }),
});

/** Who is asking, and what the answer to everything else will be. */
export const me = z
  .object({
    subject: z.string().openapi({ description: "The token's `sub`.", example: "emil" }),
    name: z.string().nullable().openapi({ example: "Emil Employee" }),
    roles: z.array(z.string()).openapi({ example: ["EMPLOYEE"] }),
    expiresAt: z.iso
      .datetime()
      .openapi({ description: "When the token expires.", example: "2026-11-22T09:45:00.000Z" }),
    permissions: z.array(grant).openapi({
      description: "The union over all roles, sorted. Offer nothing that is not in it.",
      example: [
        { object: "inquiry", action: "read" },
        { object: "room", action: "inquiries" },
      ],
    }),
  })
  .openapi("Me");

export type Me = z.output<typeof me>;
