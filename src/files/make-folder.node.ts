import { mkdir, rmdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { writeFailure } from "./failures.node.ts";

/** A folder that is there now. */
export interface MadeFolder {
  /** Takes away what was made for it, as far as nothing lies in it: of work that was refused no empty folder is left. */
  undo(): Promise<void>;
}

/**
 * Makes a folder, and those above it, where they are not there.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function makeFolder(path: string): Promise<MadeFolder> {
  const first = await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  return {
    async undo() {
      if (first === undefined) return;
      const top = resolve(first);
      for (let folder = resolve(path); folder.startsWith(top); folder = dirname(folder)) {
        // What holds something stays, and all above it.
        if (!(await isRemoved(folder))) return;
      }
    },
  };
}

async function isRemoved(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}
