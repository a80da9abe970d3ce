import type { FastifyInstance, RegisterOptions } from "fastify";
import { expectOptions, expectThat, type OptionNames } from "../core/index.ts";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { type App, createContext, type RouteContext } from "./context.ts";
import { queryError } from "./errors.ts";
import type { ServerOptions, ServerParts } from "./options.ts";
import { access } from "./plugins/access.ts";
import { bodies } from "./plugins/bodies.ts";
import { documentation } from "./plugins/documentation.ts";
import { errorAnswers } from "./plugins/error-answers.ts";
import { observation } from "./plugins/observation.ts";
import { analyzeRoute } from "./routes/analyze.ts";
import { annotateRoute } from "./routes/annotate.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { modelsRoute } from "./routes/models.ts";
import { videoRoute } from "./routes/video.ts";

/** Everything of the API that an app of its own and one that it is mounted into have in common, in the order in which hooks run. */
export async function registerApi(app: App, context: RouteContext): Promise<void> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSchemaErrorFormatter(queryError);
  app.setSerializerCompiler(serializerCompiler);
  for (const plugin of [errorAnswers, observation, access, documentation, bodies]) await app.register(plugin, context);
  for (const route of [analyzeRoute, annotateRoute, modelsRoute, metricsRoute, healthRoutes]) await app.register(route, context);
  videoRoute(app, context);
}

/** What of the server's options an app that it is mounted into does not decide by itself. */
export type MountOptions = Omit<ServerOptions, "closeLimitMs" | "corsOrigins" | "logLevel" | "modelRoot" | "trustProxy" | "webRoot">;

/** What the API is mounted with. */
export interface TensorFacePluginOptions extends MountOptions {
  /** The analyzer and what else the routes need; it stays its maker's to dispose. */
  readonly parts: ServerParts;
}

/** Fastify hands on to a plugin what the plugin was registered with. */
const mountedNames: OptionNames<TensorFacePluginOptions & RegisterOptions> = {
  prefix: true,
  logLevel: true,
  logSerializers: true,
  parts: true,
  video: true,
  maxBodyBytes: true,
  maxPictures: true,
  concurrency: true,
  maxQueue: true,
  maxHeldBytes: true,
  maxPixelsInWork: true,
  requestsPerMinute: true,
  timeLimitMs: true,
  token: true,
  allowUrls: true,
};

/**
 * The HTTP API as a Fastify plugin: `/v1/analyze`, `/v1/annotate`, `/v1/models`, where it is asked for `/v1/video`, `/metrics`, `/healthz`, `/readyz`, `/openapi.json` and
 * `/docs`, below the prefix that it is registered with. What it sets (schemas by zod, answers to errors, limits, the token) holds for its
 * own routes alone. Headers for browsers, CORS, and who may reach the app at all are the app's.
 * @throws {TF_INVALID_ARGUMENT} when `parts` are none, or a limit is out of its range
 *
 * @example
 * await app.register(tensorface, { prefix: "/faces", parts, token: "secret" });
 */
export async function tensorface(app: FastifyInstance, mounting: TensorFacePluginOptions): Promise<void> {
  const isApp = typeof (app as Partial<FastifyInstance> | null | undefined)?.register === "function";
  expectThat(isApp, "tensorface is a plugin of Fastify: app.register(tensorface, { parts }); app must be one of its apps", app);
  expectOptions<TensorFacePluginOptions & RegisterOptions>(mounting, mountedNames);
  const { parts, ...options } = mounting;
  const areParts = typeof parts === "object" && parts !== null && "analyzer" in parts;
  expectThat(areParts, "parts must be what createServerParts gives", parts);
  const context = createContext(parts, options);
  await registerApi(app.withTypeProvider<ZodTypeProvider>(), context);
  app.addHook("preClose", async () => context.workload.drain());
}
