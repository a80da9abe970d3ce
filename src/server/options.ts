import { availableParallelism } from "node:os";
import type { FaceAnalysis, FaceAnalyzer } from "../analyze/index.ts";
import { expectCount, expectOptions, expectThat, type OptionNames, TensorFaceError } from "../core/index.ts";
import type { ModelManifest } from "../models/index.ts";
import type { FetchPublicOptions } from "./remote.ts";

/** What the server needs from the rest; the command binds it, tests give their own. */
export interface ServerParts {
  readonly analyzer: FaceAnalyzer<Uint8Array>;
  /** Draws an analysis on its picture and gives the file in the format asked for. */
  readonly annotate: (bytes: Uint8Array, analysis: FaceAnalysis, format: AnnotatedFormat, signal: AbortSignal) => Promise<Uint8Array>;
  /**
   * Fetches the picture at an address, at most `maxBytes` of it, until the signal is aborted; tells how many bytes come, as they come.
   * @default over http or https, from public hosts alone
   */
  readonly fetchPicture?: ((url: string, options: FetchPictureOptions) => Promise<Uint8Array>) | undefined;
  /** What `/v1/models` lists: the networks in use. */
  readonly manifests: readonly ModelManifest[];
  /** How films are followed, where the option `video` is set. @default none are */
  readonly video?: FilmFollower | undefined;
  /** The product's version, for the OpenAPI document. */
  readonly version: string;
}

/** Follows the people of films. */
export interface FilmFollower {
  /** Loads what reads films. @throws {TF_VIDEO_UNSUPPORTED} when it is not installed */
  readonly load: () => Promise<unknown>;
  /** Gives a line of JSON for each frame, and one about the people as the last. @throws as `analyzeVideo` does */
  readonly follow: (film: Uint8Array, options: FollowFilmOptions) => AsyncGenerator<string, void, undefined>;
}

/** How a film of a request is followed. */
export interface FollowFilmOptions extends Pick<VideoSettings, "maxPixels" | "maxSeconds"> {
  readonly every: number;
  readonly source: string;
  readonly signal: AbortSignal;
  /** What of a frame's analysis was asked for. */
  readonly select: (analysis: FaceAnalysis) => FaceAnalysis;
}

/** How a picture at an address is fetched. */
export type FetchPictureOptions = Pick<FetchPublicOptions, "maxBytes" | "signal" | "onBytes">;

export const annotatedFormats = ["png", "jpeg", "webp"] as const;
/** A format that annotated pictures are answered in. */
export type AnnotatedFormat = (typeof annotatedFormats)[number];

/** Limits of films, which are kept in memory while they are followed. */
export interface VideoOptions {
  /** Largest film, in bytes. @default 268435456 (256 MiB) */
  readonly maxBytes?: number | undefined;
  /** Longest film, in seconds. @default 600 */
  readonly maxSeconds?: number | undefined;
  /** Most pixels of a frame. @default 8912896 (4096 x 2176) */
  readonly maxPixels?: number | undefined;
  /** Films in work at the same time; past it the answer is 503 with Retry-After. @default 1 */
  readonly atOnce?: number | undefined;
  /** Longest time for one film, in milliseconds, slow readers of the answer included; then its work is stopped. @default 600000 */
  readonly timeLimitMs?: number | undefined;
}
const videoOptionNames: OptionNames<VideoOptions> = { maxBytes: true, maxSeconds: true, maxPixels: true, atOnce: true, timeLimitMs: true };

/** The limits of films, with their defaults. */
export type VideoSettings = { readonly [Key in keyof VideoOptions]-?: number };

export interface ServerOptions {
  /** When set, `POST /v1/video` takes films. @default none are taken */
  readonly video?: VideoOptions | undefined;
  /** Largest body of a request, in bytes. @default 67108864 (64 MiB) */
  readonly maxBodyBytes?: number | undefined;
  /** Most pictures in one request. @default 64 */
  readonly maxPictures?: number | undefined;
  /** Pictures in work at the same time; their faces share batches. @default 4 for each processor core: as many as the analyzer and its workers keep busy */
  readonly concurrency?: number | undefined;
  /** Pictures that may wait; past it the answer is 503 with Retry-After. @default 256 */
  readonly maxQueue?: number | undefined;
  /**
   * Bytes of requests and annotated pictures that are in memory at the same time, also of those that are still arriving; past it the answer is 503.
   * @default 8 times `maxBodyBytes`, and never less than one, or than the largest film that is taken
   */
  readonly maxHeldBytes?: number | undefined;
  /** Pixels that are decoded at the same time, of all pictures together; a picture that is larger than that goes alone. @default 160000000 */
  readonly maxPixelsInWork?: number | undefined;
  /** Requests that one client may send in a minute. @default 600 */
  readonly requestsPerMinute?: number | undefined;
  /** Longest time for one picture, fetching and waiting included, in milliseconds; then its work is stopped. @default 30000 */
  readonly timeLimitMs?: number | undefined;
  /** Time that a closing server gives to what it was asked before, in milliseconds; then it cuts the connections. @default as long as one picture may take */
  readonly closeLimitMs?: number | undefined;
  /** When set, `/v1` and `/metrics` want `Authorization: Bearer TOKEN`. @default none */
  readonly token?: string | undefined;
  /** Origins of other web pages that may call the API, as `https://example.org`; `*` for all. @default none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Whether a request may name an http(s) address to fetch the picture from; private hosts are refused. @default false */
  readonly allowUrls?: boolean | undefined;
  /** Folder with the built page, served at `/`. @default none */
  readonly webRoot?: string | undefined;
  /** Folder with the networks, served at `/models/` for the page. @default none */
  readonly modelRoot?: string | undefined;
  /** `silent`, or the least level that is logged, as JSON lines on stderr. @default "info" */
  readonly logLevel?: "silent" | "error" | "warn" | "info" | "debug" | undefined;
  /** Whether a proxy in front may tell the client's address in X-Forwarded-For. @default false */
  readonly trustProxy?: boolean | undefined;
}

type Settled = Required<Omit<ServerOptions, "token" | "webRoot" | "modelRoot" | "video">> &
  Pick<ServerOptions, "token" | "webRoot" | "modelRoot">;
export type ServerSettings = {
  readonly [Key in keyof Settled]: Key extends "token" | "webRoot" | "modelRoot" ? string | undefined : NonNullable<Settled[Key]>;
} & { readonly video: VideoSettings | undefined };

/** Timers take no longer time, ms: 24 days. */
export const longestTimer = 2 ** 31 - 1;

/** Callers without types may give anything: a limit that is no number would hold back nothing. */
function checkLimits(options: ServerOptions): void {
  const { video = {} } = options;
  expectOptions(video, videoOptionNames, "video");
  expectCount("maxPictures", options.maxPictures, { least: 1 });
  expectCount("concurrency", options.concurrency, { least: 1 });
  expectCount("atOnce", video.atOnce, { least: 1 });
  const { maxBodyBytes, maxQueue, maxHeldBytes, maxPixelsInWork, requestsPerMinute, timeLimitMs, closeLimitMs } = options;
  const limits = { maxBodyBytes, maxQueue, maxHeldBytes, maxPixelsInWork, requestsPerMinute, timeLimitMs, closeLimitMs };
  const { atOnce: _, ...ofFilms } = video;
  for (const [name, limit] of [...Object.entries(limits), ...Object.entries(ofFilms)])
    expectThat(limit === undefined || (typeof limit === "number" && limit >= 0), `${name} must be a number of at least 0`, limit);
  const { token } = options;
  expectThat(token === undefined || (typeof token === "string" && token !== ""), "token must be a text that is not empty", token);
}

/** @throws {TF_INVALID_ARGUMENT} for an origin that is none, and a limit that is no number */
export function settleOptions(options: ServerOptions): ServerSettings {
  checkLimits(options);
  const { maxBodyBytes = 64 * 1024 * 1024 } = options;
  const timeLimitMs = Math.min(options.timeLimitMs ?? 30_000, longestTimer);
  const video = options.video === undefined ? undefined : settleVideo(options.video);
  return {
    maxBodyBytes,
    // Whatever may be sent must find room where nothing else is held.
    maxHeldBytes: Math.max(maxBodyBytes, video?.maxBytes ?? 0, options.maxHeldBytes ?? 8 * maxBodyBytes),
    maxPixelsInWork: options.maxPixelsInWork ?? 160_000_000,
    maxPictures: options.maxPictures ?? 64,
    concurrency: options.concurrency ?? 4 * availableParallelism(),
    maxQueue: options.maxQueue ?? 256,
    requestsPerMinute: options.requestsPerMinute ?? 600,
    timeLimitMs,
    closeLimitMs: Math.min(options.closeLimitMs ?? timeLimitMs, longestTimer),
    corsOrigins: (options.corsOrigins ?? []).map(originOf),
    allowUrls: options.allowUrls ?? false,
    logLevel: options.logLevel ?? "info",
    trustProxy: options.trustProxy ?? false,
    video,
    token: options.token,
    webRoot: options.webRoot,
    modelRoot: options.modelRoot,
  };
}

function settleVideo(options: VideoOptions): VideoSettings {
  return {
    maxBytes: options.maxBytes ?? 256 * 1024 * 1024,
    maxSeconds: options.maxSeconds ?? 600,
    maxPixels: options.maxPixels ?? 4096 * 2176,
    atOnce: options.atOnce ?? 1,
    timeLimitMs: Math.min(options.timeLimitMs ?? 600_000, longestTimer),
  };
}

/** An origin as browsers send it, of an address as people write it. @throws {TF_INVALID_ARGUMENT} */
function originOf(text: string): string {
  if (text === "*" || text === "null") return text;
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (origin !== "null") return origin;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${text}" is no origin of a web page`, {
    hint: "An origin is a scheme and a name, perhaps with a port: https://example.org, http://localhost:3000; * stands for all.",
  });
}
