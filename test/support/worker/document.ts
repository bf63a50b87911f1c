import { call } from "./app.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path" | "header";
  readonly schema: JsonSchema;
}

export interface DocumentedAnswer {
  readonly description?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: DocumentedAnswer["content"] };
  readonly responses: Readonly<Record<string, DocumentedAnswer>>;
  readonly method: string;
  /** As the document has it: `/v1/api/outreach/inquiries/{id}`. */
  readonly path: string;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, "method">>>>>;
}

export async function readDocument(): Promise<OpenApiDocument> {
  return (await call("/doc/openapi.json")).json<OpenApiDocument>();
}

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  );
}

/** The operation's address with the document's examples in it, for `call`. */
export function addressOf({ path, parameters = [] }: Operation): string {
  const examples = new Map(parameters.map(({ name, schema }) => [name, schema["example"]]));
  return `/${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(examples.get(name)))}`;
}
