import { neon, neonConfig } from "@neondatabase/serverless";

/** The least that a Worker can do with a submission: parse it, and insert it with the same driver. */
interface Bindings {
  DATABASE_URL: string;
  DATABASE_HTTP_ENDPOINT: string;
}

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    if (request.method !== "POST") return new Response("ok");
    neonConfig.fetchEndpoint = env.DATABASE_HTTP_ENDPOINT;
    const { name, email, message } = (await request.json()) as Record<string, string>;
    const key = crypto.randomUUID();
    const [row] = await neon(env.DATABASE_URL)`INSERT INTO inquiries
      (id, status, name, email, message, submission_key, content_hash, submitted_at)
      VALUES (snowflake(10), 'NEW', ${name}, ${email}, ${message}, ${key}, ${key}, now())
      RETURNING *`;
    return Response.json({ id: row?.["id"], receipt: key, status: "NEW" }, { status: 201 });
  },
};
