/**
 * Every error that TensorFace raises on purpose. `docs/reference/errors.md` has one entry for each code, and a test ties the two.
 *
 * `status` is the HTTP status that the server answers with; `hint` is what a user can do about it.
 */
export const errorCatalogue = {
  TF_ABORTED: { status: 499, hint: "The work was cancelled; start it again when you need it." },
  TF_DISPOSED: { status: 500, hint: "Create a new analyzer: this one has released its networks." },
  TF_INVALID_ARGUMENT: { status: 400, hint: "Correct the named option; the message says what was expected." },
  TF_INPUT_NOT_FOUND: { status: 400, hint: "Check the path: nothing is there." },
  TF_INPUT_UNREADABLE: { status: 400, hint: "Check that the file exists and that you may read it." },
  TF_INPUT_EMPTY: { status: 400, hint: "The file holds no bytes; copy it again." },
  TF_INPUT_CHANGED: { status: 409, hint: "Put the picture back as it was, or import the dataset again." },
  TF_INPUT_TOO_LARGE: { status: 413, hint: "Check that it is the right file; the message says how much of its kind is read." },
  TF_IMAGE_FORMAT_UNSUPPORTED: { status: 415, hint: "Use JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC." },
  TF_IMAGE_CORRUPT: { status: 422, hint: "The picture is damaged or cut off; open and save it again." },
  TF_IMAGE_TOO_LARGE: { status: 413, hint: "Scale the picture down, or raise the limit." },
  TF_VIDEO_UNSUPPORTED: { status: 415, hint: "Convert the film to MP4 with H.264, for example with ffmpeg." },
  TF_VIDEO_CORRUPT: { status: 422, hint: "The film is damaged or cut off; copy it again." },
  TF_SHAPE_MISMATCH: { status: 500, hint: "Give the network the shape that its manifest states." },
  TF_MODEL_NOT_FOUND: { status: 500, hint: "`tensorface models list` shows the models that are installed." },
  TF_MODEL_CORRUPT: { status: 500, hint: "The file differs from its manifest; install the package again." },
  TF_MODEL_INVALID: { status: 500, hint: "The manifest or the network is not one that this version can read." },
  TF_MODEL_EXISTS: { status: 409, hint: "Give it another name with --name, or replace the one that is there with --replace." },
  TF_DEVICE_UNAVAILABLE: { status: 500, hint: "Choose another device; `cpu` is always there." },
  TF_SYSTEM_UNSUPPORTED: {
    status: 500,
    hint: "Install on the system that runs it, without --omit=optional: Linux (x64 or arm64, with glibc 2.28 or newer, which Alpine has not), macOS (arm64) or Windows (x64 or arm64).",
  },
  TF_RUNTIME_FAILED: { status: 500, hint: "The network failed while it ran; the cause is attached." },
  TF_GRAPH_UNSUPPORTED_OP: { status: 500, hint: "The importer or the gradient registry has no rule for this operation." },
  TF_GRAPH_INVALID: { status: 500, hint: "The graph contradicts itself; the message names the node." },
  TF_OUTPUT_UNWRITABLE: { status: 500, hint: "Choose a folder that you may write to, or change its permissions." },
  TF_OUTPUT_FULL: { status: 507, hint: "Free some space on the disk and run the same command again; finished work is kept." },
  TF_OUTPUT_UNFINISHED: { status: 409, hint: "Add --resume to go on from it, or remove it to begin anew." },
  TF_TOOL_MISSING: { status: 500, hint: "Install the program that the message names, and run the same command again." },
  TF_FOLDER_BUSY: { status: 409, hint: "Wait for the other process to end, or choose another folder." },
  TF_DATASET_LAYOUT: { status: 400, hint: "Point at the folder in its published layout; the message says what was looked for." },
  TF_DATASET_INCOMPLETE: {
    status: 422,
    hint: "Unpack the archive completely and run the same command again, or accept the gaps with --allow-missing.",
  },
  TF_DATASET_LABEL_UNKNOWN: {
    status: 422,
    hint: "Say with --task NAME what the labels tell, rename them to words that TensorFace knows, or choose the right format.",
  },
  TF_DATASET_EMPTY: { status: 422, hint: "No row became a face; rejections.jsonl in the output folder says why for each." },
  TF_DATASET_CONFLICT: { status: 409, hint: "Choose another output folder, or remove the one that is there." },
  TF_DATASET_INVALID: { status: 422, hint: "Import the dataset again; the message names the file and what is wrong with it." },
  TF_EXAMPLES_FEW: { status: 422, hint: "Add pictures to the classes that the message names, or take their folders away." },
  TF_REQUEST_INVALID: { status: 400, hint: "Compare the request with the API's page at /docs." },
  TF_REQUEST_TOO_LARGE: { status: 413, hint: "Send fewer or smaller pictures in one request." },
  TF_ROUTE_NOT_FOUND: { status: 404, hint: "The API's page at /docs lists every address." },
  TF_METHOD_NOT_ALLOWED: { status: 405, hint: "The header Allow lists the methods of this address." },
  TF_SITE_REFUSED: {
    status: 403,
    hint: "Ask for 127.0.0.1 or localhost; let another page in with --cors, and another name by setting a token.",
  },
  TF_UNAUTHORIZED: { status: 401, hint: "Send the header `Authorization: Bearer TOKEN` with the server's token." },
  TF_RATE_LIMITED: { status: 429, hint: "Wait as long as the header Retry-After says." },
  TF_OVERLOADED: { status: 503, hint: "The queue is full; try again after the seconds in the header Retry-After." },
  TF_TIMEOUT: { status: 503, hint: "The work took longer than the server allows; send a smaller picture or try again later." },
  TF_URL_REFUSED: {
    status: 400,
    hint: "Send the picture itself, or an http(s) address of a public host where the server allows addresses.",
  },
  TF_CONFIG_INVALID: {
    status: 400,
    hint: "Correct the named field; docs/reference/configuration.md lists all fields with their defaults.",
  },
  TF_INPUT_AWAY: { status: 503, hint: "Bring back the disk, folder or server that the pictures lie on, and run the same command again." },
  TF_BULK_EXISTS: { status: 409, hint: "Choose another folder for this plan." },
  TF_BULK_CHANGED: {
    status: 409,
    hint: "Work with the versions and models that the plan was made with, or make a new plan in another folder.",
  },
  TF_BULK_DAMAGED: {
    status: 422,
    hint: "`tensorface bulk verify` says what is damaged; damaged results are made again after `verify --drop`.",
  },
  TF_BULK_PROCESS_ENDED: {
    status: 500,
    hint: "The process that looks at pictures ended without a word: out of memory, or a fault in a decoder.",
  },
  TF_QUEUE_UNAVAILABLE: {
    status: 503,
    hint: "Start the queue's server or correct its address, and run the same command again; finished shards are kept.",
  },
  TF_TRAINING_EXISTS: { status: 409, hint: "Continue it with --resume, or choose another folder with --out." },
  TF_CHECKPOINT_MISMATCH: { status: 409, hint: "Resume with the configuration and data that the checkpoint was made with, or start anew." },
  TF_TRAINING_DIVERGED: { status: 500, hint: "Lower the learning rate or clip the gradient, and start again from the last checkpoint." },
} as const satisfies Record<`TF_${string}`, { readonly status: number; readonly hint: string }>;

/** The code of a {@link TensorFaceError}, stable across versions. */
export type ErrorCode = keyof typeof errorCatalogue;

/** What an error may carry beside its code and message. */
export interface TensorFaceErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** What to do about it. @default the catalogue's hint for the code */
  readonly hint?: string;
}

/**
 * The one error class of the package: `code` for programs, `message` for people, `hint` for what to do next.
 *
 * @example
 * throw new TensorFaceError("TF_SHAPE_MISMATCH", 'model "age-v1" expects [N,3,112,112], got [1,3,96,96]');
 */
export class TensorFaceError extends Error {
  override readonly name = "TensorFaceError";
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: TensorFaceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? errorCatalogue[code].hint;
  }

  /** The HTTP status that stands for this error. */
  get status(): number {
    return errorCatalogue[this.code].status;
  }

  /** What the command line and the HTTP API print for it. */
  toJSON(): ErrorReport {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** An error as plain data: in results, on the command line and in the answers of the HTTP API. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Whether `error` is one of ours, and optionally of one code. */
export function isTensorFaceError(error: unknown, code?: ErrorCode): error is TensorFaceError {
  return error instanceof TensorFaceError && (code === undefined || error.code === code);
}

/** Whether a code says that a picture is not there or cannot be read, and not that something around it failed. */
export function isPictureFault(code: ErrorCode): boolean {
  return /^TF_(?:IMAGE|INPUT)_/.test(code);
}

/**
 * Stops work whose signal has been aborted.
 * @throws {TF_ABORTED} when `signal` is aborted; the signal's reason is the cause.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TensorFaceError("TF_ABORTED", "the work was aborted", { cause: signal.reason });
}

/** Where a switch over every case ends: the types say that it is never reached. @throws {TypeError} when data broke them */
export function unreachable(value: never): never {
  throw new TypeError(`no case for ${JSON.stringify(value)}`);
}
