import helmet from "@fastify/helmet";
import fp from "fastify-plugin";
import type { App } from "../context.ts";
import { pageHeaders } from "../page-policy.node.ts";

/** Headers that browsers obey. */
export const browserHeaders = fp(
  async (app: App) => {
    // The page's own policies stand in one place, which its build reads too. The server speaks no TLS: a promise of it, for a year and all names
    // below, is for whoever puts it in front.
    await app.register(helmet, { contentSecurityPolicy: false, strictTransportSecurity: false });
    app.addHook("onRequest", async (_request, reply) => {
      void reply.headers(pageHeaders);
    });
  },
  { name: "tensorface-browser-headers" },
);
