import { TensorFaceError } from "../../core/index.ts";
import { readTextFile } from "../../files/files.node.ts";

/** Characters that a text may have: COCO's own largest file has 448 million. */
const largestFile = 2 ** 29 - 32;

/**
 * What a JSON file of a dataset holds.
 * @throws {TF_DATASET_INVALID} when it is not JSON; the codes of `readTextFile` when it cannot be read
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readTextFile(path, largestFile);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" is not JSON`, { cause: error });
  }
}
