import type { Socket } from "node:net";
import Fastify, { type ConnectionError, type FastifyReply, LogController } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { TensorFaceError } from "../core/index.ts";
import { refusalsOf } from "./answers.ts";
import { registerApi } from "./api.ts";
import { type App, createContext } from "./context.ts";
import { answerFor } from "./errors.ts";
import { longestTimer, type ServerOptions, type ServerParts, type ServerSettings } from "./options.ts";
import { addresses } from "./plugins/addresses.ts";
import { browserHeaders } from "./plugins/browser-headers.ts";
import { closing } from "./plugins/closing.ts";
import { compression } from "./plugins/compression.ts";
import { namedOrigins } from "./plugins/cors.ts";
import { notFoundAnswers } from "./plugins/not-found-answers.ts";
import { ownSite } from "./plugins/own-site.ts";
import { page } from "./plugins/page.ts";

/** A request must have arrived whole by then, so that slow senders do not hold connections for ever. */
const uploadLimitMs = 120_000;

/** A connection on which nothing moves for so long is closed, beside the time that its picture may take: none waits for a reader for ever. */
const stillLimitMs = 270_000;

/**
 * The HTTP API and the page as a Fastify app. It never listens: tests use `inject`, the command calls `listen`. Closing it takes no
 * more connections and answers what has come; the analyzer stays its maker's to dispose.
 */
export async function buildApp(parts: ServerParts, options: ServerOptions = {}): Promise<App> {
  const context = createContext(parts, options);
  const { settings } = context;
  const app = createApp(settings);
  await app.register(addresses);
  await app.register(closing, context);
  await app.register(browserHeaders);
  // With a token nobody else's page can ask, and the server may have any name.
  if (settings.token === undefined) await app.register(ownSite, settings);
  await app.register(namedOrigins, context);
  await app.register(compression);
  await app.register(notFoundAnswers);
  describeBadHttp(app);
  await registerApi(app, context);
  await app.register(page, context);
  return app;
}

/** A Fastify app whose own failures, too, are answered as ours. */
export function createApp({ logLevel, trustProxy, timeLimitMs }: Pick<ServerSettings, "logLevel" | "timeLimitMs" | "trustProxy">): App {
  return Fastify({
    trustProxy,
    // Standard request logs carry addresses and file names; `observation` writes what is left without them.
    logController: new LogController({ disableRequestLogging: true }),
    logger: logLevel === "silent" ? false : { level: logLevel, base: null, stream: process.stderr },
    // Plugins wait for nothing but this machine's disk and processor: a busy one is slow, not broken.
    pluginTimeout: 0,
    forceCloseConnections: "idle",
    // What comes on a connection that is still open while the server stops is answered too.
    return503OnClosing: false,
    requestTimeout: uploadLimitMs,
    connectionTimeout: Math.min(timeLimitMs + stillLimitMs, longestTimer),
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      const { status, body } = answerFor(error) ?? answerFor(new TensorFaceError("TF_REQUEST_INVALID", error.message))!;
      void reply.code(status).send(body);
    },
    clientErrorHandler: answerBadHttp,
  }).withTypeProvider<ZodTypeProvider>();
}

const badHttp: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "the headers are too long"],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request did not arrive in time"],
};

/** The description tells what {@link answerBadHttp} answers at each address; an app that the API is mounted into has answers of its own. */
function describeBadHttp(app: App): void {
  app.addHook("onRoute", ({ schema }) => {
    if (schema?.response !== undefined) schema.response = { ...schema.response, ...refusalsOf(408, 431) };
  });
}

/** Answers what is no HTTP, or too slow, in words of ours; there is no request yet that Fastify could answer. */
function answerBadHttp(error: ConnectionError, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = badHttp[error.code] ?? ["400 Bad Request", "the request is not HTTP"];
  const body = JSON.stringify({ error: new TensorFaceError("TF_REQUEST_INVALID", message).toJSON() });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
