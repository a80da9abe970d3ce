import type { KeptFaces } from "../../datasets/resplit.node.ts";

/** The flag `--keep` of the commands that move faces between splits. */
export const keepArg = {
  type: "string",
  valueHint: "OLD",
  description: "leave faces in the splits that they have in OLD: an earlier manifest, or a dataset's folder, DIR itself too",
} as const;

export const keepNote =
  "With --keep no face of OLD goes from validation or the test set to training; what is linked goes where its most protected face stands.";

/** What is said of the faces of OLD. */
export function describeKept(kept: KeptFaces | undefined): string[] {
  if (kept === undefined) return [];
  const lost = kept.lessProtected === 0 ? "" : `, but ${kept.lessProtected} are less protected now: their makers put them elsewhere`;
  return [`${kept.found} faces were there before and keep their splits or go to a more protected one${lost}`];
}
