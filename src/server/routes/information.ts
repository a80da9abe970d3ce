import { z } from "zod";
import { modelManifestSchema } from "../../models/manifest.ts";
import type { App, RouteContext } from "./context.ts";

/** More than any watcher asks, few enough that nobody guesses a token here. */
const metricsPerMinute = 600;

/** What is running, and how it does: models, health, readiness, metrics. */
export function informationRoutes(app: App, { parts, workload, metrics }: RouteContext): void {
  app.get(
    "/v1/models",
    {
      schema: {
        tags: ["models"],
        summary: "The networks in use, with their manifests",
        response: { 200: z.object({ device: z.string(), models: z.array(modelManifestSchema) }) },
      },
    },
    () => ({ device: parts.analyzer.device, models: [...parts.manifests] }),
  );

  // Counted by itself: clients that ask too often do not blind whoever watches the server from the same address.
  const rateLimit = { max: metricsPerMinute, timeWindow: "1 minute" };
  app.get("/metrics", { schema: { hide: true }, config: { rateLimit } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.page()),
  );

  app.get(
    "/healthz",
    {
      config: { open: true },
      schema: { tags: ["health"], summary: "The process is alive", response: { 200: z.object({ status: z.literal("ok") }) } },
    },
    () => ({
      status: "ok" as const,
    }),
  );

  app.get(
    "/readyz",
    {
      config: { open: true },
      schema: {
        tags: ["health"],
        summary: "Whether new pictures are accepted: 503 while the queue is full or the server shuts down",
        response: { 200: z.object({ status: z.literal("ready") }), 503: z.object({ status: z.literal("busy") }) },
      },
    },
    async (_request, reply) => {
      if (workload.isReady) return { status: "ready" as const };
      void reply.code(503).header("retry-after", 2);
      return { status: "busy" as const };
    },
  );
}
