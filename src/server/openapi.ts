import { z } from "zod";
import { examplesOf } from "./examples.ts";

/** The parts of an OpenAPI document that are gone through here. */
const contentSchema = z.record(z.string(), z.looseObject({}));
const operationSchema = z.looseObject({
  operationId: z.string().optional(),
  requestBody: z.looseObject({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: contentSchema.optional() })).optional(),
});
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
type Content = z.infer<typeof contentSchema>;

/** The document as it is published: with examples, and without the schemas that nothing refers to. */
export function finishDocument(generated: unknown): Record<string, unknown> {
  const { paths, components, ...rest } = documentSchema.parse(generated);
  const finished = mapValues(paths, (operations) => mapValues(operations, addExamples));
  return { ...rest, components: { ...components, schemas: usedSchemas(components.schemas, finished) }, paths: finished };
}

function addExamples({ operationId = "", requestBody, responses, ...rest }: z.infer<typeof operationSchema>): object {
  const withExamples = (what: string, content: Content): Content =>
    mapValues(content, (body, mediaType) => {
      const examples = examplesOf(operationId, what, mediaType);
      return examples === undefined ? body : { ...body, examples };
    });
  return {
    ...rest,
    operationId,
    ...(requestBody !== undefined && { requestBody: { ...requestBody, content: withExamples("request", requestBody.content) } }),
    ...(responses !== undefined && {
      responses: mapValues(responses, ({ content, ...response }, status) => ({
        ...response,
        ...(content !== undefined && { content: withExamples(status, content) }),
      })),
    }),
  };
}

/** The schemas that the paths refer to, and those that these refer to. */
function usedSchemas(schemas: Readonly<Record<string, unknown>>, paths: unknown): Record<string, unknown> {
  const used = new Set<string>();
  const follow = (from: unknown): void => {
    for (const [, name] of JSON.stringify(from).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name!)) continue;
      used.add(name!);
      follow(schemas[name!]);
    }
  };
  follow(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
