import { timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import staticFiles from "@fastify/static";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import Fastify, { type FastifyReply, type FastifyRequest, LogController } from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { TensorFaceError } from "../core/index.ts";
import { answerFor } from "./errors.ts";
import { createMetrics } from "./metrics.ts";
import { type ServerOptions, type ServerParts, type ServerSettings, settleOptions } from "./options.ts";
import { analyzeRoute } from "./routes/analyze.ts";
import { annotateRoute } from "./routes/annotate.ts";
import type { App, RouteContext } from "./routes/context.ts";
import { informationRoutes } from "./routes/information.ts";
import { pictureBody } from "./schemas.ts";
import { createWorkload, type Workload } from "./workload.ts";

/** A request must have arrived whole by then, so that slow senders do not hold connections for ever. */
const uploadLimitMs = 120_000;

/** Time that a connection has for its first request once the server stops. */
const firstWordMs = 500;

/**
 * The HTTP API as a Fastify app. It never listens: tests use `inject`, the command calls `listen`. Closing it takes no
 * more connections and answers what has come; the analyzer stays its maker's to dispose.
 */
export async function buildApp(parts: ServerParts, options: ServerOptions = {}): Promise<App> {
  const settings = settleOptions(options);
  const app = Fastify({
    bodyLimit: settings.maxBodyBytes,
    trustProxy: settings.trustProxy,
    // Standard request logs carry addresses and file names; `logRequests` writes what is left without them.
    logController: new LogController({ disableRequestLogging: true }),
    logger: settings.logLevel === "silent" ? false : { level: settings.logLevel, base: null, stream: process.stderr },
    forceCloseConnections: "idle",
    // What comes on a connection that is still open while the server stops is answered too.
    return503OnClosing: false,
    requestTimeout: uploadLimitMs,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  const workload = createWorkload(parts.analyzer, settings);
  const context: RouteContext = { parts, settings, workload, metrics: createMetrics(workload) };
  closeGracefully(app, workload);
  answerErrors(app);
  observeRequests(app, context);
  await registerProtection(app, settings);
  await registerDocumentation(app, parts);
  readBodies(app, settings);
  await app.register(multipart, { limits: { fileSize: settings.maxBodyBytes, files: settings.maxPictures } });
  await registerOpen(app, async (open) => {
    await open.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
    open.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
    if (settings.webRoot !== undefined) await open.register(staticFiles, { root: settings.webRoot, prefix: "/" });
    if (settings.modelRoot !== undefined)
      await open.register(staticFiles, { root: settings.modelRoot, prefix: "/models/", decorateReply: false });
  });
  app.after(() => {
    analyzeRoute(app, context);
    annotateRoute(app, context);
    informationRoutes(app, context);
  });
  return app;
}

/** Headers that browsers obey, limits for each client, and the token where one is set. */
async function registerProtection(app: App, settings: ServerSettings): Promise<void> {
  await app.register(helmet, {
    // The page runs WebAssembly and workers of its own, and shows pictures that never leave it (blob:).
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        workerSrc: ["'self'", "blob:"],
        imgSrc: ["'self'", "data:", "blob:"],
        mediaSrc: ["'self'", "blob:"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        upgradeInsecureRequests: null,
      },
    },
    // Cross-origin isolation: without it browsers give WebAssembly no threads.
    crossOriginEmbedderPolicy: { policy: "require-corp" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
  });
  if (settings.corsOrigins.length > 0) await app.register(cors, { origin: [...settings.corsOrigins] });
  await app.register(rateLimit, {
    max: settings.requestsPerMinute,
    timeWindow: "1 minute",
    allowList: (request) => isOpen(request),
    errorResponseBuilder: (_request, { max }) => new TensorFaceError("TF_RATE_LIMITED", `more than ${max} requests in a minute`),
  });
  const { token } = settings;
  if (token === undefined) return;
  // After the rate limit, which is a hook of each route, so that guesses count; before anything of the body is read.
  app.addHook("preParsing", async (request) => {
    if (!isOpen(request) && !hasToken(request, token)) {
      throw new TensorFaceError("TF_UNAUTHORIZED", "the bearer token is missing or wrong");
    }
  });
}

/**
 * Whether a request may come without the token and as often as it likes: it leads nowhere, or its route asks for that. The route that was
 * found decides and never the address as written, since the router reads `/%761/models` as `/v1/models`.
 */
function isOpen(request: FastifyRequest): boolean {
  return request.is404 || request.routeOptions.config.open === true;
}

/** Registers plugins whose routes are all open. */
async function registerOpen(app: App, plugins: (open: App) => Promise<void>): Promise<void> {
  await app.register(async (open: App) => {
    open.addHook("onRoute", (route) => {
      route.config = { ...route.config, open: true };
    });
    await plugins(open);
  });
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The OpenAPI document, generated from the schemas. */
async function registerDocumentation(app: App, parts: ServerParts): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "TensorFace",
        version: parts.version,
        description: "Finds faces and tells apparent age, gender and mood. Pictures are analysed in memory; none is stored or logged.",
        license: { name: "MIT", identifier: "MIT" },
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
    transform: (route) => {
      const described = jsonSchemaTransform(route);
      const { schema, url } = described;
      const isGuarded = route.route.config?.open !== true;
      const body = schema.consumes === undefined ? {} : { body: pictureBody };
      return { url, schema: { ...schema, ...body, ...(isGuarded && { security: [{}, { token: [] }] }) } };
    },
    transformObject: jsonSchemaTransformObject,
  });
}

/** Pictures as raw bodies. */
function readBodies(app: App, settings: ServerSettings): void {
  app.addContentTypeParser(
    /^(image\/.+|application\/octet-stream)$/,
    { parseAs: "buffer", bodyLimit: settings.maxBodyBytes },
    (_request, body, done) => {
      done(null, body);
    },
  );
}

/** Closing says "not ready", and tells clients not to keep their connections: an open one would hold the server for a minute. */
function closeGracefully(app: App, workload: Workload): void {
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
    workload.drain();
  });
  app.addHook("onSend", async (_request, reply) => {
    if (closing) void reply.header("connection", "close");
  });
  dropUnusedConnections(app);
}

/**
 * Browsers open connections ahead and send nothing on them; Node takes those for busy and would wait a minute for them when it closes.
 * One that has just been opened gets a moment to say what it wants.
 */
function dropUnusedConnections(app: App): void {
  const unused = new Set<Socket>();
  app.server.on("connection", (socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  app.server.on("request", ({ socket }) => unused.delete(socket));
  app.addHook("preClose", async () => {
    setTimeout(() => {
      for (const socket of unused) socket.destroy();
    }, firstWordMs).unref();
  });
}

function answerErrors(app: App): void {
  app.setNotFoundHandler((request) => {
    throw new TensorFaceError("TF_ROUTE_NOT_FOUND", `${request.method} leads nowhere here`);
  });
  app.setErrorHandler((error, request, reply: FastifyReply) => {
    const answer = answerFor(error);
    if (answer === undefined) {
      request.log.error(error);
      return reply.code(500).send({
        error: { code: "TF_RUNTIME_FAILED", message: "something failed inside the server", hint: "The server's log has the cause." },
      });
    }
    if (answer.retryAfter !== undefined) void reply.header("retry-after", answer.retryAfter);
    if (answer.status === 401) void reply.header("www-authenticate", "Bearer");
    return reply.code(answer.status).send(answer.body);
  });
}

/** One log line and one observation a request: method, route, status and time, nothing of the client or the picture. */
function observeRequests(app: App, { metrics }: RouteContext): void {
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    request.log.info({ method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, "answered");
  });
}
