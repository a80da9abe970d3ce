import type { FastifyReply } from "fastify";
import { TensorFaceError } from "../../core/index.ts";
import { readUploads, type Upload } from "../pictures.ts";
import { annotateQuerySchema, errorAnswerSchema, pictureForms } from "../schemas.ts";
import { selectFrom } from "../selection.ts";
import { failure } from "../workload.ts";
import { type App, clientGone, type RouteContext } from "./context.ts";

export function annotateRoute(app: App, context: RouteContext): void {
  const { parts, workload, metrics } = context;
  app.post(
    "/v1/annotate",
    {
      onRequest: async () => workload.admit(),
      schema: {
        tags: ["pictures"],
        summary: "The picture back, with every face boxed and labelled",
        description: "Takes one picture in any of the forms of /v1/analyze.",
        consumes: [...pictureForms],
        produces: ["image/png", "image/jpeg", "image/webp"],
        querystring: annotateQuerySchema,
        response: { "4xx": errorAnswerSchema, "5xx": errorAnswerSchema },
      },
    },
    async (request, reply) => {
      const signal = clientGone(reply);
      workload.admit();
      const upload = await onlyPicture(readUploads(request, context).pictures);
      const { format, ...selection } = request.query;
      const { bytes, analysis } = await workload.analyze(upload, signal).catch((error: unknown) => {
        metrics.outcome(failure(upload.source, error));
        throw error;
      });
      metrics.outcome(analysis);
      const file = await parts.annotate(bytes, selectFrom(analysis, selection), format, signal);
      return sendFile(reply, `image/${format}`, file);
    },
  );
}

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
