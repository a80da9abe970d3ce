import fp from "fastify-plugin";
import { z } from "zod";
import { jsonAnswer, refusalsOf } from "../answers.ts";
import type { App, RouteContext } from "../context.ts";

/** For supervisors and load balancers: whether the process lives, and whether it takes more. */
export const healthRoutes = fp(
  async (app: App, { workload }: RouteContext) => {
    app.get(
      "/healthz",
      {
        config: { open: true },
        schema: {
          operationId: "isAlive",
          tags: ["health"],
          summary: "The process is alive",
          description: "For supervisors: restart the server when this does not answer.",
          response: { 200: jsonAnswer("It is.", z.object({ status: z.literal("ok") })), ...refusalsOf(403) },
        },
      },
      () => ({ status: "ok" as const }),
    );

    app.get(
      "/readyz",
      {
        config: { open: true },
        schema: {
          operationId: "isReady",
          tags: ["health"],
          summary: "Whether new pictures are accepted",
          description: "For load balancers: send nothing here while the answer is 503.",
          response: {
            200: jsonAnswer("They are.", z.object({ status: z.literal("ready") })),
            ...refusalsOf(403),
            503: jsonAnswer("Not now: the queue is full, or the server shuts down.", z.object({ status: z.literal("busy") })),
          },
        },
      },
      async (_request, reply) => {
        if (workload.isReady) return { status: "ready" as const };
        void reply.code(503).header("retry-after", 2);
        return { status: "busy" as const };
      },
    );
  },
  { name: "tensorface-health" },
);
