import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { inquiries } from "../../src/db/schema.ts";
import { call, database, postForm } from "../support/worker/app.ts";
import { aForm } from "../support/worker/factories.ts";
import { appWith } from "../support/worker/own-app.ts";
import { expectProblem } from "../support/worker/problems.ts";

/** Posts as a browser does and answers with the page. */
async function pageFor(fields: Record<string, string>) {
  const answer = await postForm("/inquiries/submit", fields);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  return { answer, html: await answer.text() };
}

async function storedFrom(email: string | undefined) {
  return database()
    .select()
    .from(inquiries)
    .where(eq(inquiries.email, email ?? ""));
}

/** Every element the page holds, with its attributes, as a browser parses them. */
async function elementsOf(html: string) {
  const elements: { tag: string; attributes: Record<string, string> }[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element: ({ tagName, attributes }) => {
      elements.push({
        tag: tagName,
        attributes: Object.fromEntries([...attributes] as [string, string][]),
      });
    },
  });
  await rewriter.transform(new Response(html)).text();
  return elements;
}

describe("a form post from a browser", () => {
  it("shows a thank-you page with the receipt and stores the inquiry", async () => {
    const form = aForm();
    const { answer, html } = await pageFor(form);
    expect(answer.status).toBe(200);
    const [row] = await storedFrom(form["email"]);
    expect(row?.submissionKey).toBeTruthy();
    expect(html).toContain(row?.submissionKey);
  });

  it("redirects with 303 to an allowed origin", async () => {
    const target = "https://www.shop.test/thanks?from=form#top";
    const form = aForm({ _redirect: target });
    const answer = await postForm("/inquiries/submit", form);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(target);
    expect(await storedFrom(form["email"])).toHaveLength(1);
  });

  it.each([
    "https://evil.test/",
    "//evil.test/",
    "///evil.test",
    "\\\\evil.test",
    "/thanks",
    "javascript:alert(1)",
    "JaVaScRiPt://www.shop.test/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://www.shop.test/8c5a7c1e",
    "https://www.shop.test@evil.test/",
    "https://www.shop.test.evil.test/",
    "https://www.shop.test:8443/",
    "http://www.shop.test/",
    "https://evil.test/?https://www.shop.test",
  ])("shows the page instead of redirecting to %s", async (target) => {
    const { answer } = await pageFor(aForm({ _redirect: target }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("location")).toBeNull();
  });

  it("joins what one name was given for, but neither repetitions nor what is empty", async () => {
    const form = aForm();
    const body = new URLSearchParams([
      ...Object.entries(form),
      ["email", form["email"] ?? ""],
      ["phone", ""],
      ["phone", "+44 20"],
      ["phone", ""],
      ["topic", "Delivery"],
      ["topic", "Returns"],
      ["_gotcha", ""],
      ["_gotcha", ""],
    ]);
    const headers = { accept: "text/html" };
    await call("/inquiries/submit", { method: "POST", body, headers });
    expect(await storedFrom(form["email"])).toMatchObject([
      {
        phone: "+44 20",
        metadata: { topic: "Delivery, Returns" },
        status: "NEW",
        spamReasons: [],
      },
    ]);
  });

  it("cannot be made to send a header of its own", async () => {
    const target = "https://www.shop.test/\r\nSet-Cookie: a=b";
    const answer = await postForm("/inquiries/submit", aForm({ _redirect: target }));
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("location") ?? "").not.toMatch(/[\r\n]/);
  });
});

it.each(["", "; charset=UTF-8", ';charset="iso-8859-1"'])(
  "takes a form of the content type that ends in %j",
  async (end) => {
    const { email = "", message = "" } = aForm();
    const answer = await call("/inquiries/submit", {
      method: "POST",
      headers: { "content-type": `application/x-www-form-urlencoded${end}` },
      body: `name=M%FCller&email=${email}&message=${message.replaceAll("?", "%3F")}`,
    });
    expect(answer.status).toBe(201);
    expect(await storedFrom(email)).toMatchObject([{ name: "Müller", message }]);
  },
);

describe("a message of 20,000 characters", () => {
  it.each(["a", "я", "漢"])("may be sent by a form, each of them %s", async (character) => {
    const form = aForm({ message: character.repeat(20_000) });
    expect((await postForm("/inquiries/submit", form)).status).toBe(200);
    expect(await storedFrom(form["email"])).toMatchObject([{ message: form["message"] }]);
  });
});

describe("a visitor whose form cannot be read", () => {
  const html = { accept: "text/html" };
  const urlencoded = { ...html, "content-type": "application/x-www-form-urlencoded" };
  const post = (path: string, headers: Record<string, string>, body: string) =>
    call(path, { method: "POST", headers, body });

  it.each<[string, number, () => Promise<Response>]>([
    [
      "is too large",
      413,
      () => post("/inquiries/submit", urlencoded, `message=${"x".repeat(70_000)}`),
    ],
    [
      "is plain text",
      415,
      () => post("/subscribers/subscribe", { ...html, "content-type": "text/plain" }, "name=Ada"),
    ],
    [
      "has no boundary",
      400,
      () =>
        post("/inquiries/submit", { ...html, "content-type": "multipart/form-data" }, "name=Ada"),
    ],
    [
      "meets a broken configuration",
      503,
      () =>
        appWith({ SIGNING_KEY: "" }).call("/inquiries/submit", {
          method: "POST",
          headers: urlencoded,
          body: "name=Ada",
        }),
    ],
    ["is only an address that was opened", 405, () => call("/inquiries/submit", { headers: html })],
    [
      "unsubscribes as plain text",
      415,
      () => post("/subscribers/unsubscribe", { ...html, "content-type": "text/plain" }, "x"),
    ],
  ])("is told so in a page when it %s", async (_what, status, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toContain(answer.headers.get("x-request-id"));
  });

  it("is told so in JSON when it is a program", async () => {
    const json = { ...html, "content-type": "application/json" };
    const answer = await post("/inquiries/submit", json, "x".repeat(70_000));
    await expectProblem(answer, 413, "body_too_large");
  });
});

describe("the page that a browser gets when something was wrong", () => {
  it("is 422, keeps everything typed, and marks what to change", async () => {
    const form = aForm({ email: "nobody", phone: "+44 20", budget: "500", _redirect: "/x" });
    const { answer, html } = await pageFor(form);
    expect(answer.status).toBe(422);
    const elements = await elementsOf(html);
    const inputs = elements.filter(({ tag }) => tag === "input");
    const values = Object.fromEntries(
      inputs.map(({ attributes }) => [attributes["name"], attributes["value"]]),
    );
    const { message = "", ...others } = form;
    expect(values).toMatchObject(others);
    expect(html).toContain(`\n${message}</textarea>`);
    const marked = elements.filter(({ attributes }) => attributes["aria-invalid"] === "true");
    expect(marked.map(({ attributes }) => attributes["name"])).toEqual(["email"]);
    const explained = marked[0]?.attributes["aria-describedby"];
    expect(elements.filter(({ attributes }) => attributes["id"] === explained)).toHaveLength(1);
    expect(await storedFrom("nobody")).toEqual([]);
  });

  it("shows what was typed when a file is refused, too", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(aForm())) form.set(name, value);
    form.set("plan", new File(["%PDF"], "plan.pdf"));
    const headers = { accept: "text/html" };
    const answer = await call("/inquiries/submit", { method: "POST", body: form, headers });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(String(form.get("message")));
    expect(html).toContain("“plan”");
  });

  it.each(["constructor", "a/b~c"])("names the extra field %s that is at fault", async (name) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(aForm())) form.set(field, value);
    form.set(name, new File(["%PDF"], "plan.pdf"));
    const headers = { accept: "text/html" };
    const answer = await call("/inquiries/submit", { method: "POST", body: form, headers });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(`“${name}”`);
  });

  it("lets an address through that browsers do not know", async () => {
    const { html } = await pageFor(aForm({ email: "用户@例子.广告", name: "" }));
    const [form] = (await elementsOf(html)).filter(({ tag }) => tag === "form");
    expect(form?.attributes).toHaveProperty("novalidate");
  });

  it("escapes everything that was typed, names of hidden fields included", async () => {
    const attack = `"'><script>alert(1)</script><img src=x onerror=alert(1)></textarea>`;
    const form = {
      name: attack,
      email: attack,
      phone: attack,
      subject: attack,
      message: attack,
      locale: attack,
      _redirect: attack,
      [attack]: attack,
    };
    const { answer, html } = await pageFor(form);
    expect(answer.status).toBe(422);
    const elements = await elementsOf(html);
    const tags = new Set(elements.map(({ tag }) => tag));
    expect([...tags].filter((tag) => ["script", "img"].includes(tag))).toEqual([]);
    expect(elements.flatMap(({ attributes }) => Object.keys(attributes))).not.toContain("onerror");
    expect(html.match(/<\/textarea>/g)).toHaveLength(1);
    expect(html).not.toContain(attack);
  });

  it.each([
    ["thanks", {}],
    ["corrections", { email: "nobody" }],
  ])("carries a policy that runs no script and loads nothing: %s", async (_page, changes) => {
    const { answer } = await pageFor(aForm(changes));
    const policy = answer.headers.get("content-security-policy") ?? "";
    const directives = new Map(
      policy.split("; ").map((directive) => {
        const [name = "", ...sources] = directive.split(" ");
        return [name, sources];
      }),
    );
    expect(directives.get("default-src")).toEqual(["'none'"]);
    expect(directives.get("base-uri")).toEqual(["'none'"]);
    expect(directives.get("frame-ancestors")).toEqual(["'none'"]);
    expect(directives.has("script-src")).toBe(false);
    expect(directives.get("style-src")).toEqual([expect.stringMatching(/^'nonce-[\w-]+'$/)]);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("may lead on to the allowed origins, where browsers check redirects as well", async () => {
    const { answer } = await pageFor(aForm({ email: "nobody" }));
    expect(answer.headers.get("content-security-policy")).toMatch(
      /form-action 'self' [^;]*https:\/\/www\.shop\.test/,
    );
  });
});
