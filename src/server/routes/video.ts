import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { TensorFaceError } from "../../core/index.ts";
import { filmRefusals } from "../answers.ts";
import { type App, clientGone, type RouteContext } from "../context.ts";
import { answerFor } from "../errors.ts";
import type { VideoSettings } from "../options.ts";
import { lengthOf } from "../plugins/bodies.ts";
import { collect } from "../remote.ts";
import { filmForms, filmLineSchema, videoQuerySchema } from "../schemas.ts";
import { selectFrom, settleSelection } from "../selection.ts";

const lines = "application/x-ndjson";

/** Films, where the server was asked to take them. Not a plugin of the app's own: only here bodies are films, with a limit of theirs. */
export function videoRoute(app: App, { parts, held, settings }: RouteContext): void {
  const { video } = settings;
  if (video === undefined) return refuseFilms(app);
  const places = createPlaces(video.atOnce);
  app.register(async (own) => {
    const inside = own.withTypeProvider<ZodTypeProvider>();
    // Whoever begins a server without the packages that read films hears of it at once.
    await parts.video?.load();
    inside.removeAllContentTypeParsers();
    inside.addContentTypeParser(
      /^(?:video\/.|application\/octet-stream(?:;|$))/,
      async (request: FastifyRequest, payload: IncomingMessage) => {
        if (lengthOf(request) > video.maxBytes) throw tooLarge(video);
        const stream: AsyncIterable<Uint8Array> = payload.iterator({ destroyOnReturn: false });
        return collect(stream, { maxBytes: video.maxBytes, onBytes: held.of(request).add });
      },
    );
    inside.addContentTypeParser("*", (request: FastifyRequest) => {
      throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `films are not taken as "${request.headers["content-type"] ?? ""}"`, {
        hint: `Send the film's file as the body, as ${filmForms.join(", ")}.`,
      });
    });
    inside.post(
      "/v1/video",
      {
        onRequest: async (_request, reply) => places.take(reply), // Before the body is read.
        schema: {
          operationId: "followVideo",
          tags: ["films"],
          summary: "Follow the people of a film: where each is, apparent age and gender, mood by the second",
          description:
            `Only where the server was started with \`--video\`. Send a film as the body: MP4, MOV, WebM or Matroska, of at most ${video.maxBytes} ` +
            `bytes, ${video.maxSeconds} seconds and ${video.maxPixels} pixels a frame. Every frame is answered with a line, sent as soon as it is ` +
            "known, and the last line is about all people. What goes wrong after the first line is the last line, an error. Nobody is " +
            "recognised: a face is followed by motion and the colours around it.",
          consumes: [...filmForms],
          querystring: videoQuerySchema,
          response: {
            200: { description: "A line for each frame, and one about the people.", content: { [lines]: { schema: filmLineSchema } } },
            ...filmRefusals,
          },
        },
      },
      async (request, reply) => {
        const { every, ...asked } = request.query;
        const selection = settleSelection(asked, parts.analyzer);
        const bytes = filmOf(request);
        const timeout = AbortSignal.timeout(video.timeLimitMs);
        const signal = AbortSignal.any([clientGone(reply), timeout]);
        const told = parts.video!.follow(bytes, {
          ...video,
          every,
          signal,
          source: "film",
          select: (found) => selectFrom(found, selection),
        });
        const asTimeout = (error: unknown): unknown =>
          timeout.aborted
            ? new TensorFaceError("TF_TIMEOUT", `the film took longer than ${video.timeLimitMs} ms`, { cause: error })
            : error;
        // What is no film is refused with a status; later only a line can say what went wrong.
        const first = await told.next().catch((error: unknown) => {
          throw asTimeout(error);
        });
        return sendLines(reply, withErrors(first, told, asTimeout));
      },
    );
  });
}

/** Says of the address that it could be there. Before the body is read, behind the token. */
function refuseFilms(app: App): void {
  app.all("/v1/video", {
    schema: { hide: true },
    preParsing: async () => {
      throw new TensorFaceError("TF_ROUTE_NOT_FOUND", "this server takes no films", {
        hint: "Start it with `tensorface serve --video`; in an app of your own, with the option `video`.",
      });
    },
    handler: () => undefined,
  });
}

function tooLarge({ maxBytes }: VideoSettings): TensorFaceError {
  return new TensorFaceError("TF_REQUEST_TOO_LARGE", `films of more than ${maxBytes} bytes are not taken`, {
    hint: "Send a shorter or smaller film, or start the server with a higher limit.",
  });
}

function filmOf({ body }: FastifyRequest): Uint8Array {
  if (body instanceof Uint8Array && body.byteLength > 0) return body;
  throw new TensorFaceError("TF_REQUEST_INVALID", "the request holds no film: send it as the body");
}

async function* withErrors(
  first: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, undefined>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<string, void, undefined> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } catch (error) {
    const answer = answerFor(explain(error));
    if (answer === undefined) throw error;
    yield `${JSON.stringify(answer.body)}\n`;
  } finally {
    // A client that goes away leaves the film in the middle.
    await rest.return();
  }
}

function sendLines(reply: FastifyReply, text: AsyncGenerator<string, void, undefined>): FastifyReply {
  return reply.type(lines).send(Readable.from(text));
}

/** Films in work: each takes a processor core for as long as it lasts, so that none waits, and too many are refused. */
function createPlaces(most: number): { readonly take: (reply: FastifyReply) => void } {
  let taken = 0;
  return {
    take: ({ raw }) => {
      if (taken >= most) throw new TensorFaceError("TF_OVERLOADED", `${taken === 1 ? "a film is" : `${taken} films are`} in work already`);
      taken++;
      let isOver = false;
      const leave = (): void => {
        if (!isOver) taken--;
        isOver = true;
      };
      raw.once("finish", leave);
      raw.once("close", leave);
    },
  };
}
