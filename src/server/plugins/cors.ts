import cors from "@fastify/cors";
import fp from "fastify-plugin";
import type { App, RouteContext } from "../context.ts";

/** Other web pages that may call the API, where some are named. */
export const namedOrigins = fp(
  async (app: App, { settings }: RouteContext) => {
    if (settings.corsOrigins.length === 0) return;
    // A browser asks with both headers. Without them it is an address like any other, which the plugin would refuse in words of its own.
    app.addHook("onRequest", async ({ method, headers }, reply) => {
      const isAsked = headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
      return method === "OPTIONS" && !isAsked ? reply.callNotFound() : undefined;
    });
    // Scripts of other sites read few headers by themselves; how long to wait is none of them.
    await app.register(cors, { origin: [...settings.corsOrigins], exposedHeaders: ["Retry-After"] });
  },
  { name: "tensorface-cors" },
);
