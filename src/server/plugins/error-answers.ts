import type { FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { z } from "zod";
import type { App } from "../context.ts";
import { answerFor } from "../errors.ts";

/** Every failure is answered with a code, a sentence and a hint; only bugs are logged as errors. */
export const errorAnswers = fp(
  async (app: App) => {
    app.setErrorHandler((error, request, reply: FastifyReply) => {
      if (isGone(request)) return reply.code(499).send();
      const answer = answerFor(error);
      if (answer === undefined) {
        request.log.error(error);
        return reply.code(500).send({
          error: { code: "TF_RUNTIME_FAILED", message: "something failed inside the server", hint: "The server's log has the cause." },
        });
      }
      if (answer.retryAfter !== undefined) void reply.header("retry-after", answer.retryAfter);
      if (answer.status === 401) void reply.header("www-authenticate", "Bearer");
      const size = sizeOfShorter(error);
      if (size !== undefined) void reply.header("content-range", size);
      return reply.code(size === undefined ? answer.status : 416).send(answer.body);
    });
  },
  { name: "tensorface-error-answers" },
);

/** The size that HTTP says of a file that ends before the part that was asked for: who goes on with a download knows by it that it is whole. */
function sizeOfShorter(error: unknown): string | undefined {
  const { data } = shorterFile.safeParse(error);
  return data?.headers["Content-Range"];
}

/** As `@fastify/send` says it. */
const shorterFile = z.object({ statusCode: z.literal(416), headers: z.object({ "Content-Range": z.string() }) });

/** Whether nobody is there to answer: what broke then is the connection. */
function isGone({ raw }: FastifyRequest): boolean {
  return raw.socket.destroyed;
}
