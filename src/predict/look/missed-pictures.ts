import { counted } from "../../core/index.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import type { FaceRecord } from "../../datasets/index.ts";
import { hashFile } from "../../files/files.node.ts";

/** Pictures of which nothing was found out, and why. */
export interface MissedPictures {
  /** Hold other bytes than the import saw: their labels may be those of something else. */
  readonly changed: number;
  /** Gone, or damaged. */
  readonly unreadable: number;
}

/** The records of which nothing was seen, counted by reason. @param seen by SHA-256 */
export async function missedPictures(
  dataset: Pick<Dataset, "picturePath">,
  records: readonly FaceRecord[],
  seen: ReadonlyMap<string, unknown>,
): Promise<MissedPictures> {
  let [changed, unreadable] = [0, 0];
  for (const record of records) {
    if (seen.has(record.sha256)) continue;
    const now = await hashFile(dataset.picturePath(record)).catch(() => undefined);
    if (now === undefined || now === record.sha256) unreadable++;
    else changed++;
  }
  return { changed, unreadable };
}

/** `3 not looked at: 2 have changed since the import, 1 cannot be read`; nothing where all were. */
export function describeMissed({ changed, unreadable }: MissedPictures): string | undefined {
  if (changed + unreadable === 0) return undefined;
  const reasons = [
    ...(changed === 0 ? [] : [`${counted(changed, "has", "have")} changed since the import`]),
    ...(unreadable === 0 ? [] : [`${unreadable} cannot be read`]),
  ];
  return `${changed + unreadable} not looked at: ${reasons.join(", ")}`;
}
