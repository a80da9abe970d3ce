import staticFiles from "@fastify/static";
import fp from "fastify-plugin";
import { isBuiltInTask } from "../../core/index.ts";
import type { App, RouteContext } from "../context.ts";
import { openToAll } from "../open.ts";

/** The web page and the networks that it loads, where their folders are named. */
export const page = fp(
  async (app: App, { parts, settings: { webRoot, modelRoot } }: RouteContext) => {
    await openToAll(app, async (open) => {
      if (webRoot !== undefined) {
        await open.register(staticFiles, { root: webRoot, prefix: "/" });
        // In place of the page's own file of that name, which other web spaces have: which models they are, the API says, if need be with its token.
        const ownModels = parts.analyzer.tasks.some(({ name }) => !isBuiltInTask(name));
        open.get("/server.json", { schema: { hide: true } }, () => ({ ownModels }));
      }
      if (modelRoot !== undefined) await open.register(staticFiles, { root: modelRoot, prefix: "/models/", decorateReply: false });
    });
  },
  { name: "tensorface-page" },
);
