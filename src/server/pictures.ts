import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { counted, isTensorFaceError, TensorFaceError } from "../core/index.ts";
import type { RouteContext } from "./context.ts";
import { decodeDataUrl } from "./data-url.ts";
import { asOurs } from "./errors.ts";
import type { Holding } from "./held-bytes.ts";
import type { ServerSettings } from "./options.ts";
import { collect, fetchPublic } from "./remote.ts";
import { type JsonPicture, jsonRequestSchema, onePictureSchema } from "./schemas.ts";
import type { Upload } from "./upload.ts";

/** The pictures of a request, and whether it asked for a list of answers even for a single one. */
export interface Uploads {
  readonly listed: boolean;
  readonly pictures: AsyncIterable<Upload>;
}

/**
 * The pictures of a request, whatever its form: multipart, raw bytes, or JSON. They are read one by one, so that work on the
 * first begins while the last is still on its way.
 * @throws {TF_REQUEST_INVALID} when there is none, or the request is not of the documented form
 * @throws {TF_REQUEST_TOO_LARGE} when there are too many
 */
export function readUploads(request: FastifyRequest, context: RouteContext): Uploads {
  const { settings } = context;
  if (request.isMultipart()) return { listed: false, pictures: readParts(request, context) };
  if (request.body instanceof Uint8Array) return { listed: false, pictures: readBody(request.body) };
  const parsed = jsonRequestSchema.safeParse(request.body);
  if (!parsed.success) throw misshapen(request.body);
  const listed = "images" in parsed.data;
  const entries = "images" in parsed.data ? parsed.data.images : [parsed.data];
  if (entries.length > settings.maxPictures) throw tooMany(settings);
  return { listed, pictures: readEntries(entries, context.held.of(request), context) };
}

/** What a JSON body should have been. */
function misshapen(body: unknown): TensorFaceError {
  return new TensorFaceError(
    "TF_REQUEST_INVALID",
    `${whatIsWrong(body)}; expected {"image": "data:image/jpeg;base64,..."} or {"url": "https://..."}, or several of these as {"images": [...]}`,
  );
}

/** Of a list the first entry that is wrong is named: the schema alone says only that something is. */
function whatIsWrong(body: unknown): string {
  if (body === undefined) return "the body is empty";
  const list = z.looseObject({ images: z.array(z.unknown()) }).safeParse(body);
  return list.success ? whatOfList(list.data.images) : "the JSON is no picture";
}

function whatOfList(images: readonly unknown[]): string {
  if (images.length === 0) return "`images` is empty";
  const index = images.findIndex((entry) => !onePictureSchema.safeParse(entry).success);
  return index < 0 ? "there is something beside `images`" : `\`images[${index}]\` is no picture`;
}

function tooMany(settings: ServerSettings): TensorFaceError {
  return new TensorFaceError("TF_REQUEST_TOO_LARGE", `more than ${counted(settings.maxPictures, "picture")} in one request`);
}

/** For bytes that are the request's own: they go when it ends. */
const keep = (): void => {};

async function* readBody(bytes: Uint8Array): AsyncGenerator<Upload> {
  yield { source: "picture", load: async () => bytes, release: keep };
}

async function* readParts(request: FastifyRequest, { settings, held }: RouteContext): AsyncGenerator<Upload> {
  const holding = held.of(request);
  let count = 0;
  let left = settings.maxBodyBytes;
  for await (const part of formParts(request, settings)) {
    if (part.type !== "file") continue;
    count++;
    if (count > settings.maxPictures) throw tooMany(settings);
    const bytes = await collect(part.file, { maxBytes: left, onBytes: holding.add }).catch(asFormError);
    // The form's reader cuts a file at its own limit and says so here alone.
    if (part.file.truncated) throw new TensorFaceError("TF_REQUEST_TOO_LARGE", `more than ${settings.maxBodyBytes} bytes`);
    left -= bytes.byteLength;
    const source = part.filename === "" ? `picture-${count}` : part.filename;
    yield { source, load: async () => bytes, release: () => holding.remove(bytes.byteLength) };
  }
  if (count === 0) throw new TensorFaceError("TF_REQUEST_INVALID", "the form holds no file");
}

/** Fields beside the files tell nothing here, and their reader keeps them all: so many, and of each so many bytes; the rest is passed over. */
const formFields = { fields: 64, fieldSize: 4096 } as const;

/** The parts of a form. @throws {TF_REQUEST_INVALID} when it is malformed or cut off @throws {TF_REQUEST_TOO_LARGE} when it has too many */
async function* formParts(request: FastifyRequest, { maxBodyBytes, maxPictures }: ServerSettings): ReturnType<FastifyRequest["parts"]> {
  try {
    yield* request.parts({ limits: { fileSize: maxBodyBytes, files: maxPictures, ...formFields } });
  } catch (error) {
    asFormError(error);
  }
}

/** The reader of forms gives its complaints no status and no code: whatever it cannot read is the client's to mend. */
function asFormError(error: unknown): never {
  const known = asOurs(error);
  if (isTensorFaceError(known)) throw known;
  const reason = error instanceof Error ? error.message : String(error);
  throw new TensorFaceError("TF_REQUEST_INVALID", `the form cannot be read: ${reason}`, { cause: error });
}

async function* readEntries(entries: readonly JsonPicture[], holding: Holding, context: RouteContext): AsyncGenerator<Upload> {
  for (const [index, entry] of entries.entries()) {
    const source = entry.source ?? (entries.length === 1 ? "picture" : `picture-${index + 1}`);
    if ("image" in entry) yield { source, load: async () => decodeDataUrl(entry.image), release: keep };
    else yield { source, ...remotePicture(entry.url, holding, context) };
  }
}

function remotePicture(url: string, holding: Holding, { parts, settings }: RouteContext): Pick<Upload, "load" | "release"> {
  let held = 0;
  const onBytes = (bytes: number): void => {
    held += bytes;
    holding.add(bytes);
  };
  return {
    load: async (signal) => {
      if (!settings.allowUrls) {
        throw new TensorFaceError("TF_URL_REFUSED", "this server fetches no addresses", {
          hint: "Send the picture itself, or start the server with --allow-urls.",
        });
      }
      return (parts.fetchPicture ?? fetchPublic)(url, { maxBytes: settings.maxBodyBytes, signal, onBytes });
    },
    release: () => holding.remove(held),
  };
}
