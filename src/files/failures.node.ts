import { codeOf, type ErrorCode, reasonOf, TensorFaceError } from "../core/index.ts";

/** What the disk's errors mean, by the `code` that Node gives them; every other one is unreadable, or unwritable. */
const readCodes: Readonly<Record<string, ErrorCode>> = { ENOENT: "TF_INPUT_NOT_FOUND", ENOTDIR: "TF_INPUT_NOT_FOUND" };
const writeCodes: Readonly<Record<string, ErrorCode>> = { ENOSPC: "TF_OUTPUT_FULL", EDQUOT: "TF_OUTPUT_FULL" };

/** Where the code's own hint would lead astray. */
const hints: Readonly<Record<string, string>> = {
  ENAMETOOLONG: "Choose a shorter name: most disks take 255 bytes.",
  EISDIR: "A folder has that name; choose another, or remove it.",
  EEXIST: "A file has that name, where a folder is to be; choose another, or remove it.",
  ENOTDIR: "A file stands where the path wants a folder; choose another path.",
  EFBIG: "The disk takes no file of that size; choose another disk, or raise the limit of the shell (`ulimit -f`).",
};

/** The `code` that Node gives a file error: `ENOENT`, `EACCES`, ... */
export function errnoOf(error: unknown): string | undefined {
  return codeOf(error);
}

/** What a failed write means to a user: a full disk, or a place that cannot be written. Our own errors pass as they are. */
export function writeFailure(error: unknown, path: string): TensorFaceError {
  return failure(error, `cannot write "${path}"`, writeCodes, "TF_OUTPUT_UNWRITABLE");
}

/** What a failed read means to a user. Our own errors pass as they are. */
export function readFailure(error: unknown, path: string): TensorFaceError {
  const isMissing = readCodes[errnoOf(error) ?? ""] === "TF_INPUT_NOT_FOUND";
  return failure(error, isMissing ? `"${path}" does not exist` : `cannot read "${path}"`, readCodes, "TF_INPUT_UNREADABLE");
}

// oxlint-disable-next-line max-params -- the two directions share all but these
function failure(error: unknown, what: string, codes: typeof readCodes, otherwise: ErrorCode): TensorFaceError {
  if (error instanceof TensorFaceError) return error;
  const errno = errnoOf(error);
  const reason = errno ?? reasonOf(error);
  const hint = errno === undefined ? undefined : hints[errno];
  const code = (errno === undefined ? undefined : codes[errno]) ?? otherwise;
  return new TensorFaceError(code, `${what} (${reason})`, hint === undefined ? { cause: error } : { cause: error, hint });
}
