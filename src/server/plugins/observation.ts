import fp from "fastify-plugin";
import type { App, RouteContext } from "../context.ts";

/** One log line and one observation a request: method, route, status and time, nothing of the client or the picture. */
export const observation = fp(
  async (app: App, { metrics }: RouteContext) => {
    app.addHook("onResponse", async (request, reply) => {
      const route = request.routeOptions.url ?? "none";
      metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
      request.log.info({ method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, "answered");
    });
  },
  { name: "tensorface-observation" },
);
