import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { TensorFaceError } from "../../core/index.ts";
import type { App, RouteContext } from "../context.ts";
import { collect } from "../remote.ts";

/** A refused body may be so many times the limit: its rest is read and forgotten, so that the client can read the answer and ask again. */
const drainFactor = 4;

/** Reads bodies as raw bytes, JSON or forms, each byte counted as it comes; what nobody reads does not block its connection. */
export const bodies = fp(
  async (app: App, { settings, held }: RouteContext) => {
    const { maxBodyBytes } = settings;
    const receive = async (request: FastifyRequest, payload: IncomingMessage): Promise<Uint8Array> => {
      if (lengthOf(request) > maxBodyBytes) throw new TensorFaceError("TF_REQUEST_TOO_LARGE", "the body exceeds the server's limit");
      // Leaving a stream in the middle ends it, and with it the connection that shall carry the answer.
      const stream: AsyncIterable<Uint8Array> = payload.iterator({ destroyOnReturn: false });
      return collect(stream, { maxBytes: maxBodyBytes, onBytes: held.of(request).add });
    };
    app.addHook("onRequest", async (request, reply) => held.open(request, reply));
    // An answer that is a stream may still be reading the body; any other is the last that the body was read for.
    app.addHook("onSend", async ({ raw }, _reply, payload) => {
      if (!(payload instanceof Readable)) drain(raw, drainFactor * maxBodyBytes);
    });
    app.addHook("onResponse", async ({ raw }) => drain(raw, drainFactor * maxBodyBytes));
    const defaultParser = app.getDefaultJsonParser("error", "error");
    const parseJson = async (request: FastifyRequest, text: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        void defaultParser(request, text, (error, parsed) => (error === null ? resolve(parsed) : reject(error)));
      });
    app.removeContentTypeParser(["application/json", "text/plain"]);
    app.addContentTypeParser(/^(?:image\/.|application\/octet-stream(?:;|$))/, receive);
    app.addContentTypeParser("application/json", async (request: FastifyRequest, payload: IncomingMessage) => {
      const { buffer, byteOffset, byteLength } = await receive(request, payload);
      return parseJson(request, Buffer.from(buffer, byteOffset, byteLength).toString());
    });
    // An app that this one is mounted into may read forms already; ours are read with our limits all the same.
    if (!app.hasRequestDecorator("isMultipart")) await app.register(multipart, { limits: { fileSize: maxBodyBytes } });
  },
  { name: "tensorface-bodies" },
);

/** What a request says that its body has; 0 where it does not say. */
export function lengthOf({ headers }: FastifyRequest): number {
  return Number(headers["content-length"] ?? 0);
}

/**
 * Reads the rest of a body that was answered before its end. Node does so, without an end, for a body that nobody began to read; one that
 * was begun and left would stop the next request on its connection for ever.
 */
function drain(request: IncomingMessage, maxBytes: number): void {
  if (request.complete) {
    request.unpipe();
    request.resume();
    return;
  }
  let left = maxBytes;
  request.unpipe();
  request.on("data", (chunk: Uint8Array) => {
    left -= chunk.byteLength;
    if (left < 0) request.socket.destroy();
  });
  request.resume();
}
