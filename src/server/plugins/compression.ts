import { constants } from "node:zlib";
import compress from "@fastify/compress";
import fp from "fastify-plugin";
import type { App } from "../context.ts";

/** Text that is worth it. Lines that leave one by one stay as they are: a compressor would hold them back; so do networks and pictures. */
const text = /^(?:text\/(?!event-stream)|application\/(?:json|javascript|manifest\+json)|image\/svg\+xml)/;

/** Text leaves compressed, for whoever takes it so. */
export const compression = fp(
  async (app: App) => {
    await app.register(compress, {
      customTypes: text,
      encodings: ["br", "gzip"],
      // Bodies are measured as they come: none is unpacked.
      globalDecompression: false,
      // The best is meant for files that are packed once; this takes a tenth of its time.
      brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
    });
  },
  { name: "tensorface-compression" },
);
