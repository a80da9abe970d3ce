import cors from "@fastify/cors";
import fp from "fastify-plugin";
import type { App, RouteContext } from "../context.ts";

/** Other web pages that may call the API, where some are named. */
export const namedOrigins = fp(
  async (app: App, { settings }: RouteContext) => {
    if (settings.corsOrigins.length === 0) return;
    // Scripts of other sites read few headers by themselves; how long to wait is none of them.
    await app.register(cors, { origin: [...settings.corsOrigins], exposedHeaders: ["Retry-After"] });
  },
  { name: "tensorface-cors" },
);
