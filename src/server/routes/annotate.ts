import type { FastifyReply } from "fastify";
import fp from "fastify-plugin";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pictureRefusals } from "../answers.ts";
import { type App, clientGone, type RouteContext } from "../context.ts";
import { annotatedFormats } from "../options.ts";
import { readUploads } from "../pictures.ts";
import type { Upload } from "../upload.ts";
import { lengthOf } from "../plugins/bodies.ts";
import { annotateQuerySchema, pictureForms } from "../schemas.ts";
import { selectFrom, settleSelection } from "../selection.ts";
import { failure } from "../workload.ts";

const pictureFile = z.file().describe("The picture's file.");

export const annotateRoute = fp(
  async (app: App, context: RouteContext) => {
    const { parts, workload, metrics, held } = context;
    app.post(
      "/v1/annotate",
      {
        onRequest: async (request) => workload.admit(lengthOf(request)),
        schema: {
          operationId: "annotatePicture",
          tags: ["pictures"],
          summary: "The picture back, with every face boxed and labelled",
          description: "Takes one picture in any of the forms of /v1/analyze.",
          consumes: [...pictureForms],
          querystring: annotateQuerySchema,
          response: {
            200: {
              description: "The picture, in the format asked for.",
              content: Object.fromEntries(annotatedFormats.map((format) => [`image/${format}`, { schema: pictureFile }])),
            },
            ...pictureRefusals,
          },
        },
      },
      async (request, reply) => {
        const signal = clientGone(reply);
        workload.admit();
        const upload = await onlyPicture(readUploads(request, context).pictures);
        const { format, ...asked } = request.query;
        const selection = settleSelection(asked, parts.analyzer);
        // The picture is decoded again, drawn on and encoded: it keeps its turn and its time limit for that.
        const { analysis, file } = await workload
          .run(upload, signal, async (bytes, found, either) => ({
            analysis: found,
            file: await parts.annotate(bytes, selectFrom(found, selection), format, either),
          }))
          .catch((error: unknown) => {
            metrics.outcome(failure(upload.source, error));
            throw error;
          });
        metrics.outcome(analysis);
        // A client that does not read keeps it in memory.
        held.of(request).add(file.byteLength);
        return sendFile(reply, `image/${format}`, file);
      },
    );
  },
  { name: "tensorface-annotate" },
);

async function onlyPicture(pictures: AsyncIterable<Upload>): Promise<Upload> {
  let only: Upload | undefined;
  for await (const picture of pictures) {
    if (only !== undefined) throw new TensorFaceError("TF_REQUEST_INVALID", "one picture at a time can be annotated");
    only = picture;
  }
  return only!; // Every reader of uploads gives at least one or throws.
}

function sendFile(reply: FastifyReply, type: string, file: Uint8Array): FastifyReply {
  return reply.type(type).send(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
}
