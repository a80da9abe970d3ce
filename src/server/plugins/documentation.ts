import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import fp from "fastify-plugin";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { App, RouteContext } from "../context.ts";
import { openToAll } from "../open.ts";
import { finishDocument } from "../openapi.ts";
import { filmBody, pictureBody } from "../schemas.ts";

/** The OpenAPI document, generated from the schemas, and a page that shows it and tries it out. */
export const documentation = fp(
  async (app: App, { parts, settings }: RouteContext) => {
    if (app.hasDecorator("swagger")) return hideRoutes(app);
    await app.register(swagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "TensorFace",
          version: parts.version,
          description:
            "Finds faces and tells apparent age, gender and mood. Pictures and films are analysed in memory; none is stored or logged.",
          license: { name: "MIT", identifier: "MIT" },
        },
        servers: [{ url: "/", description: "The server that this document comes from." }],
        tags: [
          { name: "pictures", description: "Analyse pictures, or draw on them what was found." },
          ...(settings.video === undefined ? [] : [{ name: "films", description: "Follow the people of films." }]),
          { name: "models", description: "The networks that answer." },
          { name: "health", description: "For supervisors, load balancers and Prometheus." },
        ],
        components: {
          securitySchemes: { token: { type: "http", scheme: "bearer", description: "The server's token, where it was started with one." } },
        },
      },
      transform: (route) => {
        const { schema, url } = jsonSchemaTransform(route);
        const body = bodyOf(schema.consumes);
        // Without a token the server asks for none.
        const security = route.route.config?.open === true ? [] : [{}, { token: [] }];
        return { url, schema: { ...schema, ...body, security } };
      },
      transformObject: (document) => finishDocument(jsonSchemaTransformObject(document)),
    });
    await openToAll(app, async (open) => {
      await open.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
      open.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
    });
  },
  { name: "tensorface-documentation" },
);

/** The routes read bodies themselves. */
function bodyOf(consumes: readonly string[] | undefined): object {
  if (consumes === undefined) return {};
  return { body: consumes.includes("video/mp4") ? filmBody : pictureBody };
}

/** An app that describes itself has its own way to read schemas, which is not ours: our routes stay out of its document. */
function hideRoutes(app: App): void {
  app.addHook("onRoute", (route) => {
    route.schema = { ...route.schema, hide: true };
  });
}
