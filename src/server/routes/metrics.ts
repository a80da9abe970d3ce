import fp from "fastify-plugin";
import { z } from "zod";
import { refusalsOf } from "../answers.ts";
import type { App, RouteContext } from "../context.ts";

/** More than any watcher asks, few enough that nobody guesses a token here. */
const metricsPerMinute = 600;

export const metricsRoute = fp(
  async (app: App, { metrics }: RouteContext) => {
    app.get(
      "/metrics",
      {
        // Counted by itself: clients that ask too often do not blind whoever watches the server from the same address.
        config: { rateLimit: { max: metricsPerMinute, timeWindow: "1 minute" } },
        schema: {
          operationId: "readMetrics",
          tags: ["health"],
          summary: "How the server does, for Prometheus",
          description: "Requests, pictures by outcome, faces, time by stage, and what waits. No label names a picture or a client.",
          response: {
            200: { description: "Prometheus' text format.", content: { "text/plain": { schema: z.string() } } },
            ...refusalsOf(401, 403, 429, 500),
          },
        },
      },
      async (_request, reply) => reply.type(metrics.contentType).send(await metrics.page()),
    );
  },
  { name: "tensorface-metrics" },
);
