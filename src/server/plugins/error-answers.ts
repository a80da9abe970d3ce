import type { FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
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
      return reply.code(answer.status).send(answer.body);
    });
  },
  { name: "tensorface-error-answers" },
);

/** Whether nobody is there to answer: what broke then is the connection. */
function isGone({ raw }: FastifyRequest): boolean {
  return raw.socket.destroyed;
}
