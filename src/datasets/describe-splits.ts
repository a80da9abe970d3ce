import type { DuplicateOutcome } from "./duplicates.node.ts";
import type { KeptFaces } from "./resplit.node.ts";

/** What is said of the faces of an earlier manifest. */
export function describeKept(kept: KeptFaces | undefined): string[] {
  if (kept === undefined) return [];
  const lost = kept.lessProtected === 0 ? "" : `, but ${kept.lessProtected} are less protected now: their makers put them elsewhere`;
  return [`${kept.found} faces were there before and keep their splits or go to a more protected one${lost}`];
}

/** What looking for copies found and moved, for people. */
export function describeDuplicates({ pairs, groups, moved, leaks, kept }: DuplicateOutcome): string {
  const exact = pairs.filter(({ kind }) => kind === "exact").length;
  const lines = [
    `${pairs.length} pairs: ${exact} exact, ${pairs.length - exact} near, in ${groups} groups`,
    `${moved} faces moved so that each group stands in one split`,
    ...describeKept(kept),
    `${leaks.length} groups, subjects or pictures still stand in several splits${leaks.length > 0 ? " (official parts stay as they are)" : ""}`,
  ];
  return `${lines.join("\n")}\n`;
}
