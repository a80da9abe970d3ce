import { join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, readLines } from "../files/files.node.ts";
import { type Rejection, rejectionSchema } from "./import/workspace.node.ts";

/** The file beside a manifest that names the rows which became no face. */
export const rejectionsFile = "rejections.jsonl";

/** The rows of an import that became no face, in their order; none where the file is not there. @throws {TF_DATASET_INVALID} for another line */
export async function* readRejections(directory: string): AsyncGenerator<Rejection> {
  const path = join(directory, rejectionsFile);
  if ((await pathKind(path)) !== "file") return;
  for await (const line of readLines(path)) yield parseLine(line, path);
}

function parseLine(line: string, path: string): Rejection {
  try {
    return rejectionSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" has a line that is no rejection: ${line.slice(0, 80)}`, { cause });
  }
}
