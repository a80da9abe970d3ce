import fp from "fastify-plugin";
import { z } from "zod";
import { modelManifestSchema, withPicturesCounted } from "../../models/index.ts";
import { jsonAnswer, refusalsOf } from "../answers.ts";
import type { App, RouteContext } from "../context.ts";

export const modelsRoute = fp(
  async (app: App, { parts }: RouteContext) => {
    const answer = jsonAnswer("The networks in use.", z.object({ device: z.string(), models: z.array(modelManifestSchema) }));
    app.get(
      "/v1/models",
      {
        schema: {
          operationId: "listModels",
          tags: ["models"],
          summary: "The networks in use, with their manifests",
          description: "What each network is for, what it was trained on, and what its answers mean.",
          response: { 200: answer, ...refusalsOf(401, 403, 429, 500) },
        },
      },
      () => ({ device: parts.analyzer.device, models: parts.manifests.map((manifest) => withPicturesCounted(manifest)) }),
    );
  },
  { name: "tensorface-models" },
);
