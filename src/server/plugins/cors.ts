import cors from "@fastify/cors";
import fp from "fastify-plugin";
import type { App, RouteContext } from "../context.ts";

/** Other web pages that may call the API, where some are named. */
export const namedOrigins = fp(
  async (app: App, { settings }: RouteContext) => {
    if (settings.corsOrigins.length > 0) await app.register(cors, { origin: [...settings.corsOrigins] });
  },
  { name: "tensorface-cors" },
);
