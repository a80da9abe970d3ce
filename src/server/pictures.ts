import type { FastifyRequest } from "fastify";
import { TensorFaceError } from "../core/index.ts";
import type { ServerParts, ServerSettings } from "./options.ts";
import { collect, fetchPublic } from "./remote.ts";
import type { RouteContext } from "./routes/context.ts";
import { type JsonPicture, jsonRequestSchema } from "./schemas.ts";

/** A picture of a request, as the client named it. */
export interface Upload {
  readonly source: string;
  /**
   * The file: what was sent, or what its address leads to. It is called once, within the picture's time limit, so that what goes wrong
   * here is this picture's failure and not that of the request.
   * @throws {TF_REQUEST_INVALID} when what was sent is no data URL
   * @throws {TF_URL_REFUSED} {TF_INPUT_UNREADABLE} {TF_REQUEST_TOO_LARGE} as {@link fetchPublic} does
   */
  readonly load: (signal: AbortSignal) => Promise<Uint8Array>;
}

/** The pictures of a request, and whether it asked for a list of answers even for a single one. */
export interface Uploads {
  readonly listed: boolean;
  readonly pictures: AsyncIterable<Upload>;
}

/**
 * The pictures of a request, whatever its form: multipart, raw bytes, or JSON. They are read one by one, so that work on the
 * first begins while the last is still on its way.
 * @throws {TF_REQUEST_INVALID} when there is none, or the JSON is not of the documented form
 * @throws {TF_REQUEST_TOO_LARGE} when there are too many
 */
export function readUploads(request: FastifyRequest, { parts, settings }: RouteContext): Uploads {
  if (request.isMultipart()) return { listed: false, pictures: readParts(request, settings) };
  if (request.body instanceof Uint8Array) return { listed: false, pictures: readBody(request.body) };
  const parsed = jsonRequestSchema.safeParse(request.body);
  if (!parsed.success) {
    throw new TensorFaceError(
      "TF_REQUEST_INVALID",
      `expected {"image": DATA_URL}, {"url": ADDRESS} or {"images": [...]}: ${parsed.error.issues[0]?.message ?? "other JSON"}`,
    );
  }
  const listed = "images" in parsed.data;
  const entries = "images" in parsed.data ? parsed.data.images : [parsed.data];
  if (entries.length > settings.maxPictures) throw tooMany(settings);
  return { listed, pictures: readEntries(entries, (url, signal) => fetchAllowed(url, parts, settings, signal)) };
}

function tooMany(settings: ServerSettings): TensorFaceError {
  return new TensorFaceError("TF_REQUEST_TOO_LARGE", `more than ${settings.maxPictures} pictures in one request`);
}

async function* readBody(bytes: Uint8Array): AsyncGenerator<Upload> {
  yield { source: "picture", load: async () => bytes };
}

async function* readParts(request: FastifyRequest, settings: ServerSettings): AsyncGenerator<Upload> {
  let count = 0;
  let left = settings.maxBodyBytes;
  for await (const part of request.parts()) {
    if (part.type !== "file") continue;
    count++;
    if (count > settings.maxPictures) throw tooMany(settings);
    const bytes = await collect(part.file, left);
    // The form's reader cuts a file at its own limit and says so here alone.
    if (part.file.truncated) throw new TensorFaceError("TF_REQUEST_TOO_LARGE", `more than ${settings.maxBodyBytes} bytes`);
    left -= bytes.byteLength;
    yield { source: part.filename === "" ? `picture-${count}` : part.filename, load: async () => bytes };
  }
  if (count === 0) throw new TensorFaceError("TF_REQUEST_INVALID", "the form holds no file");
}

async function* readEntries(
  entries: readonly JsonPicture[],
  fetchPicture: (url: string, signal: AbortSignal) => Promise<Uint8Array>,
): AsyncGenerator<Upload> {
  for (const [index, entry] of entries.entries()) {
    const source = entry.source ?? (entries.length === 1 ? "picture" : `picture-${index + 1}`);
    yield { source, load: async (signal) => ("image" in entry ? decodeDataUrl(entry.image) : fetchPicture(entry.url, signal)) };
  }
}

function decodeDataUrl(text: string): Uint8Array {
  const match = /^data:[^,]*;base64,/i.exec(text);
  if (match === null) throw new TensorFaceError("TF_REQUEST_INVALID", "`image` is no data URL with base64");
  return Buffer.from(text.slice(match[0].length), "base64");
}

async function fetchAllowed(url: string, parts: ServerParts, settings: ServerSettings, signal: AbortSignal): Promise<Uint8Array> {
  if (!settings.allowUrls) {
    throw new TensorFaceError("TF_URL_REFUSED", "this server fetches no addresses", {
      hint: "Send the picture itself, or start the server with --allow-urls.",
    });
  }
  return (parts.fetchPicture ?? fetchPublic)(url, { maxBytes: settings.maxBodyBytes, signal });
}
