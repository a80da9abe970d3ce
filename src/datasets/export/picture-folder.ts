import type { FaceRecord } from "../record.ts";
import { safeName } from "./picture-names.ts";

/** Pictures in the folders that they are in, below one of their own. */
export function pictureFolder({ file }: Pick<FaceRecord, "file">): string {
  return ["pictures", ...file.split("/").slice(0, -1).map(safeName)].join("/");
}
