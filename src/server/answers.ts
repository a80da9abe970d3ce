import type { z } from "zod";
import { errorAnswerSchema } from "./schemas.ts";

/** What a route answers, in words and per media type, as Fastify and the OpenAPI document take it. */
export interface DescribedAnswer<Schema extends z.ZodType = z.ZodType> {
  readonly description: string;
  readonly content: { readonly [mediaType: string]: { readonly schema: Schema } };
}

export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema): DescribedAnswer<Schema> {
  return { description, content: { "application/json": { schema } } };
}

const refusals = {
  400: "The request is not as described here.",
  401: "The token is missing or wrong.",
  403: "The request comes from another site.",
  408: "The request did not arrive whole in time.",
  413: "The request, or a picture in it, is larger than the server takes.",
  415: "What was sent is no picture of a kind that is read.",
  422: "The picture is damaged.",
  429: "This client asks too often; Retry-After says how long to wait.",
  431: "The headers are too long.",
  500: "Something failed inside the server; its log has the cause where the answer does not tell it.",
  503: "The server has too much to do, or the picture took too long; Retry-After says how long to wait.",
} as const;

/** The failures that a route may answer with, all of one form. */
export function refusalsOf<const Status extends keyof typeof refusals>(
  ...statuses: readonly Status[]
): Record<Status, DescribedAnswer<typeof errorAnswerSchema>> {
  const entries = statuses.map((status) => [status, jsonAnswer(refusals[status], errorAnswerSchema)] as const);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are those that were asked for
  return Object.fromEntries(entries) as Record<Status, DescribedAnswer<typeof errorAnswerSchema>>;
}

const filmWords = {
  413: "The film is larger or longer than the server takes, or its frames are.",
  415: "What was sent is no film of a kind that is read.",
  422: "The film is damaged.",
  503: "Another film is in work, or this one took too long; Retry-After says how long to wait.",
} as const;

/** The failures of the route that takes films. */
export const filmRefusals = {
  ...refusalsOf(400, 401, 403, 429, 500),
  413: jsonAnswer(filmWords[413], errorAnswerSchema),
  415: jsonAnswer(filmWords[415], errorAnswerSchema),
  422: jsonAnswer(filmWords[422], errorAnswerSchema),
  503: jsonAnswer(filmWords[503], errorAnswerSchema),
};

/** The failures of the routes that take pictures. */
export const pictureRefusals = refusalsOf(400, 401, 403, 413, 415, 422, 429, 500, 503);
