import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import staticFiles from "@fastify/static";
import fp from "fastify-plugin";
import { isBuiltInTask } from "../../core/index.ts";
import { packageFolder } from "../../files/package.node.ts";
import type { App, RouteContext } from "../context.ts";
import { openToAll } from "../open.ts";

/** The web page and the networks that it loads, where their folders are named. */
export const page = fp(
  async (app: App, { parts, settings: { webRoot, modelRoot } }: RouteContext) => {
    await openToAll(app, async (open) => {
      if (webRoot !== undefined) {
        await open.register(staticFiles, { root: webRoot, prefix: "/" });
        const heicRoot = findHeicDecoder(webRoot);
        if (heicRoot !== undefined) await open.register(staticFiles, { root: heicRoot, prefix: "/heic/", decorateReply: false });
        const sampleRoot = findSample(webRoot);
        if (sampleRoot !== undefined) open.get(`/${sample}`, { schema: { hide: true } }, (_, reply) => reply.sendFile(sample, sampleRoot));
        // In place of the page's own file of that name, which other web spaces have: which models they are, the API says, if need be with its token.
        const ownModels = parts.analyzer.tasks.some(({ name }) => !isBuiltInTask(name));
        open.get("/server.json", { schema: { hide: true } }, () => ({ ownModels }));
      }
      if (modelRoot !== undefined) await open.register(staticFiles, { root: modelRoot, prefix: "/models/", decorateReply: false });
    });
  },
  { name: "tensorface-page" },
);

/** The picture that the page shows what it does with. */
const sample = "astronaut.png";

/** The folder with the page's sample. The published page comes without it: the same picture lies among the package's examples. */
function findSample(webRoot: string): string | undefined {
  const folder = packageFolder();
  return folder === undefined || existsSync(join(webRoot, sample)) ? undefined : join(folder, "examples");
}

/**
 * The folder with the decoder of HEIC that the page asks for. The published page comes without it: then it is that of libheif-js, where this
 * optional package is installed.
 */
function findHeicDecoder(webRoot: string): string | undefined {
  if (existsSync(join(webRoot, "heic"))) return undefined;
  // A bundle in CommonJS has no address.
  const here: string | undefined = import.meta.url;
  try {
    return here === undefined ? undefined : dirname(createRequire(here).resolve("libheif-js/libheif-wasm/libheif-bundle.mjs"));
  } catch {
    return undefined;
  }
}
