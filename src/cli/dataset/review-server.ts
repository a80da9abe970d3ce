import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { isTensorFaceError, TensorFaceError } from "../../core/index.ts";
import type { FaceRecord } from "../../datasets/record.ts";
import { renderReviewPage } from "../../datasets/review/page.ts";
import type { ReviewSession } from "../../datasets/review/session.ts";
import { readRegularFile } from "../../files/files.node.ts";
import { decodeLimits } from "../../image/decode.ts";
import { sniffPicture } from "../../image/sniff.ts";

const requestSchema = z.strictObject({
  id: z.string(),
  action: z.enum(["keep", "drop", "relabel", "undo"]),
  label: z.string().optional(),
});

const maximumBodyBytes = 64 * 1024;

/** Nothing from elsewhere runs or loads on the page, and no other page may frame it. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { ...securityHeaders, "content-type": type });
  response.end(body);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json; charset=utf-8", JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > maximumBodyBytes) throw new TensorFaceError("TF_INVALID_ARGUMENT", "the request is too long");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "the request is not JSON", { cause: error });
  }
}

/**
 * Whether a request comes from this machine's own page. A foreign site that a browser has open could otherwise write decisions
 * (other origin) or read pictures (a host name of its own that leads to 127.0.0.1).
 */
function isOwnPage(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

export interface ReviewServerOptions {
  readonly session: ReviewSession;
  readonly picturePath: (record: FaceRecord) => string;
}

async function sendPicture(response: ServerResponse, index: number, { session, picturePath }: ReviewServerOptions): Promise<void> {
  const record = session.recordAt(index);
  if (record === undefined) throw new TensorFaceError("TF_INPUT_NOT_FOUND", `there is no picture ${index}`);
  const bytes = await readRegularFile(picturePath(record), { maxBytes: decodeLimits({}).maxBytes }).catch((error: unknown) => {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the picture of "${record.id}" is gone`, { cause: error });
  });
  send(response, 200, `image/${sniffPicture(bytes, record.file).format}`, bytes);
}

function readQuery(url: URL): { readonly label: string; readonly offset: number; readonly limit: number } {
  const whole = (name: string, fallback: number): number => Math.max(0, Math.trunc(Number(url.searchParams.get(name) ?? fallback)) || 0);
  return { label: url.searchParams.get("class") ?? "", offset: whole("offset", 0), limit: Math.min(500, whole("limit", 60)) };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ReviewServerOptions): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const route = `${request.method} ${url.pathname}`;
  const picture = /^GET \/picture\/(\d+)$/.exec(route);
  if (!isOwnPage(request)) return sendJson(response, 403, { message: "only this machine's own page may ask" });
  if (picture !== null) return sendPicture(response, Number(picture[1]), options);
  switch (route) {
    case "GET /":
      return send(response, 200, "text/html; charset=utf-8", renderReviewPage());
    case "GET /api/state":
      return sendJson(response, 200, options.session.state());
    case "GET /api/queue": {
      const { label, offset, limit } = readQuery(url);
      return sendJson(response, 200, options.session.queue(label, offset, limit));
    }
    case "POST /api/decisions": {
      const body = requestSchema.safeParse(await readBody(request));
      if (!body.success) throw new TensorFaceError("TF_INVALID_ARGUMENT", z.prettifyError(body.error));
      return sendJson(response, 200, await options.session.decide(body.data));
    }
    default:
      return sendJson(response, 404, { message: `nothing is at ${url.pathname}` });
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (isTensorFaceError(error)) sendJson(response, error.code === "TF_INPUT_NOT_FOUND" ? 404 : error.status, error.toJSON());
  else sendJson(response, 500, { message: error instanceof Error ? error.message : String(error) });
}

export interface RunningReview extends AsyncDisposable {
  readonly url: string;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE" || error.code === "EACCES";
      reject(
        taken
          ? new TensorFaceError("TF_INVALID_ARGUMENT", `--port ${port} cannot be used (${error.code})`, { hint: "Choose another port." })
          : error,
      );
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/**
 * Serves a review on this machine only.
 * @param port 0 for any free one
 * @throws {TF_INVALID_ARGUMENT} when the port is taken
 */
export async function startReviewServer(options: ReviewServerOptions, port: number): Promise<RunningReview> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => fail(response, error));
  });
  const actual = await listen(server, port);
  return {
    url: `http://127.0.0.1:${actual}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
