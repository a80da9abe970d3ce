import staticFiles from "@fastify/static";
import fp from "fastify-plugin";
import type { App, RouteContext } from "../context.ts";
import { openToAll } from "../open.ts";

/** The web page and the networks that it loads, where their folders are named. */
export const page = fp(
  async (app: App, { settings: { webRoot, modelRoot } }: RouteContext) => {
    await openToAll(app, async (open) => {
      if (webRoot !== undefined) await open.register(staticFiles, { root: webRoot, prefix: "/" });
      if (modelRoot !== undefined) await open.register(staticFiles, { root: modelRoot, prefix: "/models/", decorateReply: false });
    });
  },
  { name: "tensorface-page" },
);
