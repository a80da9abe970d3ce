import { Socket } from "node:net";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { z } from "zod";
import { type AnalysisOutcome, roundOutcome } from "../../analyze/index.ts";
import { TensorFaceError } from "../../core/index.ts";
import { pictureRefusals } from "../answers.ts";
import { type App, clientGone, type RouteContext } from "../context.ts";
import { answerFor } from "../errors.ts";
import { readUploads } from "../pictures.ts";
import type { Upload } from "../upload.ts";
import { lengthOf } from "../plugins/bodies.ts";
import { faceAnalysisSchema, outcomeSchema, outcomesSchema, pictureForms, selectionSchema } from "../schemas.ts";
import { selectFromOutcome, type SettledSelection, settleSelection } from "../selection.ts";

const lines = "application/x-ndjson";

export const analyzeRoute = fp(
  async (app: App, context: RouteContext) => {
    const { workload } = context;
    app.post(
      "/v1/analyze",
      {
        onRequest: async (request) => workload.admit(lengthOf(request)), // Before the body is read.
        schema: {
          operationId: "analyzePictures",
          tags: ["pictures"],
          summary: "Find the faces of one or several pictures; tell apparent age, gender and mood",
          description:
            "Send a picture as the body (any picture type, or application/octet-stream), as JSON with a data URL, or one or several as " +
            `multipart/form-data. One picture is answered with its analysis, several with {"results": [...]}; with "Accept: ${lines}" ` +
            "every picture is a line of its own, sent as soon as it is done.",
          consumes: [...pictureForms],
          querystring: selectionSchema,
          response: {
            200: {
              description: "What was found: of one picture, of several in their order, or line by line.",
              content: {
                "application/json": { schema: z.union([faceAnalysisSchema, outcomesSchema]) },
                [lines]: { schema: outcomeSchema },
              },
            },
            ...pictureRefusals,
          },
        },
      },
      async (request, reply) => {
        const signal = clientGone(reply);
        workload.admit();
        const selection = settleSelection(request.query, context.parts.analyzer);
        const uploads = readUploads(request, context);
        const outcomes = selected(context, uploads.pictures, selection, signal);
        if (request.headers.accept?.includes(lines) === true) return sendStream(reply, Readable.from(asLines(outcomes)));
        const results = await allOf(outcomes, request);
        if (results.length === 1 && !uploads.listed) return sendOne(reply, results[0]!);
        return sendJson(reply, { results });
      },
    );
  },
  { name: "tensorface-analyze" },
);

async function* selected(
  { workload, metrics }: RouteContext,
  pictures: AsyncIterable<Upload>,
  selection: SettledSelection,
  signal: AbortSignal,
): AsyncGenerator<AnalysisOutcome> {
  for await (const outcome of workload.analyzeAll(pictures, signal)) {
    metrics.outcome(outcome);
    yield roundOutcome(selectFromOutcome(outcome, selection));
  }
}

/** All outcomes, for one answer: as long as pictures are done one after the other, their connection does not stand still, though nothing is sent. */
async function allOf(outcomes: AsyncIterable<AnalysisOutcome>, { raw: { socket } }: FastifyRequest): Promise<AnalysisOutcome[]> {
  const results: AnalysisOutcome[] = [];
  for await (const outcome of outcomes) {
    results.push(outcome);
    // The same limit, from now on.
    if (socket instanceof Socket && socket.timeout !== undefined) socket.setTimeout(socket.timeout);
  }
  return results;
}

/** The status is long sent when a later picture cannot be read: what is wrong with the request then is its last line. */
async function* asLines(outcomes: AsyncIterable<AnalysisOutcome>): AsyncGenerator<string> {
  try {
    for await (const outcome of outcomes) yield `${JSON.stringify(outcome)}\n`;
  } catch (error) {
    const answer = answerFor(error, "request");
    if (answer === undefined) throw error;
    yield `${JSON.stringify(answer.body)}\n`;
  }
}

function sendStream(reply: FastifyReply, stream: Readable): FastifyReply {
  return reply.type(lines).send(stream);
}

function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply.send(body);
}

function sendOne(reply: FastifyReply, outcome: AnalysisOutcome): FastifyReply {
  if (!("error" in outcome)) return sendJson(reply, outcome);
  const { code, message, hint } = outcome.error;
  const answer = answerFor(new TensorFaceError(code, message, { hint }), outcome.source)!;
  if (answer.retryAfter !== undefined) void reply.header("retry-after", answer.retryAfter);
  return sendJson(reply.code(answer.status), answer.body);
}
