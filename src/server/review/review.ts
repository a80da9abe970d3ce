import type { FastifyInstance, FastifyReply } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import type { FaceRecord } from "../../datasets/index.ts";
import type { ReviewSession } from "../../datasets/review/index.ts";
import { readRegularFile } from "../../files/files.node.ts";
import { decode } from "../../image/decode.node.ts";
import { encode } from "../../image/encode.node.ts";
import { decodeLimits, sniffPicture } from "../../image/index.ts";
import type { App } from "../context.ts";
import { errorAnswers } from "../plugins/error-answers.ts";

export interface ReviewOptions {
  readonly session: ReviewSession;
  /** Where a face's picture is. */
  readonly picturePath: (record: FaceRecord) => string;
}

const decisionRequest = z.strictObject({
  id: z.string(),
  action: z.enum(["keep", "drop", "relabel", "undo"]),
  label: z.string().optional(),
});

/** Numbers of an address that nobody types: what is none counts as the default. */
const queueQuery = z.object({
  class: z.string().default(""),
  offset: z.coerce.number().int().min(0).catch(0),
  limit: z.coerce.number().int().min(0).max(500).catch(60),
  reason: z.string().optional(),
});

const relatedQuery = z.object({ id: z.string() });
const maxDecisions = 500;
/** One decision, or those of a sheet. */
const decisionsRequest = z.union([decisionRequest, z.array(decisionRequest).max(maxDecisions)]);
/** Room for the longest paths that disks take, as ids of faces. */
const maxDecisionBytes = maxDecisions * 4096;

const pictureParams = z.object({ index: z.coerce.number().int().min(0) });

/** The label review as a Fastify plugin: what its page asks for, below the prefix that it is registered with. */
export async function review(instance: FastifyInstance, { session, picturePath }: ReviewOptions): Promise<void> {
  const app: App = instance.withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(errorAnswers);
  app.addHook("onRequest", async (_request, reply) => {
    void reply.header("cache-control", "no-store");
  });

  app.get("/api/state", () => session.state());
  app.get("/api/queue", { schema: { querystring: queueQuery } }, ({ query: { class: label, ...rest } }) =>
    session.queue({ label, ...rest }),
  );
  app.get("/api/history", () => session.history());
  app.get("/api/related", { schema: { querystring: relatedQuery } }, ({ query }) => session.related(query.id));
  app.get("/api/learnt", () => session.learnt());
  app.post("/api/decisions", { bodyLimit: maxDecisionBytes, schema: { body: decisionsRequest } }, async ({ body }) =>
    session.decide(Array.isArray(body) ? body : [body]),
  );
  app.get("/picture/:index", { schema: { params: pictureParams } }, async ({ params }, reply) => {
    const record = session.recordAt(params.index);
    if (record === undefined) throw new TensorFaceError("TF_ROUTE_NOT_FOUND", `there is no picture ${params.index}`);
    const bytes = await readRegularFile(picturePath(record), { maxBytes: decodeLimits({}).maxBytes }).catch((cause: unknown) => {
      throw new TensorFaceError("TF_ROUTE_NOT_FOUND", `the picture of "${record.id}" is gone`, {
        cause,
        hint: "Import the dataset again.",
      });
    });
    return sendPicture(reply, await asShown(bytes, record.file));
  });
}

/** What browsers show. */
const shownFormats: readonly string[] = ["jpeg", "png", "gif", "webp", "avif"];

interface ShownPicture {
  readonly bytes: Uint8Array;
  readonly format: string;
}

/** A picture as browsers show it: scans (TIFF) and those of telephones (HEIC) as PNG, all others as they are. */
async function asShown(bytes: Uint8Array, name: string): Promise<ShownPicture> {
  const { format } = sniffPicture(bytes, name);
  if (shownFormats.includes(format)) return { bytes, format };
  const { image } = await decode(bytes, { source: name });
  return { bytes: await encode(image, { format: "png" }), format: "png" };
}

function sendPicture(reply: FastifyReply, { bytes, format }: ShownPicture): FastifyReply {
  return reply.type(`image/${format}`).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
