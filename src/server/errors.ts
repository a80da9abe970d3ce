import type { FastifyError } from "fastify";
import { type ErrorReport, isTensorFaceError, TensorFaceError } from "../core/index.ts";

/** What a client is told of an error, and the headers that belong to it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly schema?: "tensorface.analysis/1"; readonly source?: string; readonly error: ErrorReport };
  /** Seconds after which it makes sense to try again. */
  readonly retryAfter?: number;
}

/** Fastify's and its plugins' codes that mean one of ours. */
const translations: Readonly<Record<string, () => TensorFaceError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new TensorFaceError("TF_REQUEST_TOO_LARGE", "the body exceeds the server's limit"),
  FST_REQ_FILE_TOO_LARGE: () => new TensorFaceError("TF_REQUEST_TOO_LARGE", "a file exceeds the server's limit"),
  FST_FILES_LIMIT: () => new TensorFaceError("TF_REQUEST_TOO_LARGE", "more files than the server's limit"),
  FST_FIELDS_LIMIT: () => new TensorFaceError("TF_REQUEST_TOO_LARGE", "more fields than the server's limit"),
  FST_PARTS_LIMIT: () => new TensorFaceError("TF_REQUEST_TOO_LARGE", "more parts than the server's limit"),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new TensorFaceError("TF_IMAGE_FORMAT_UNSUPPORTED", "the request's content-type is none that pictures come in", {
      hint: "Send multipart/form-data, application/json, application/octet-stream, or a picture with its own type: curl wants -H 'content-type: image/jpeg' beside --data-binary.",
    }),
};

/** What is wrong with a request's query, said of the option that it is about. */
export function queryError([issue]: readonly { readonly instancePath: string; readonly message?: string }[]): Error {
  const option = issue?.instancePath.replace(/^\//, "") ?? "";
  return new Error(`in the query${option === "" ? "" : `, ${option}`}: ${issue?.message ?? "something is wrong"}`);
}

/** Seconds that an overloaded server asks clients to wait: about the time in which a full queue of ordinary pictures empties. */
const overloadedRetrySeconds = 2;

/** An error as one of ours, whoever threw it; undefined for one that is nobody's fault but the program's (a bug). */
export function asOurs(error: unknown): TensorFaceError | undefined {
  if (isTensorFaceError(error)) return error;
  if (!(error instanceof Error)) return undefined;
  const fastifyError: Error & Partial<FastifyError> = error;
  const translate = translations[fastifyError.code ?? ""];
  if (translate !== undefined) return translate();
  const status = fastifyError.statusCode ?? 500;
  return status >= 400 && status < 500 ? new TensorFaceError("TF_REQUEST_INVALID", error.message, { cause: error }) : undefined;
}

/** The answer for an error; undefined for a bug, which is logged and answered with a bare 500. */
export function answerFor(error: unknown, source?: string): ErrorAnswer | undefined {
  const ours = asOurs(error);
  if (ours === undefined) return undefined;
  const named = source === undefined ? {} : { schema: "tensorface.analysis/1" as const, source };
  const answer = { status: ours.status, body: { ...named, error: ours.toJSON() } };
  return ours.code === "TF_OVERLOADED" || ours.code === "TF_TIMEOUT" ? { ...answer, retryAfter: overloadedRetrySeconds } : answer;
}
