import { counted, nounFor } from "../core/index.ts";
import type { DuplicateOutcome } from "./duplicates.node.ts";
import type { KeptFaces } from "./resplit.node.ts";

/** What is said of the faces of an earlier manifest. */
export function describeKept(kept: KeptFaces | undefined): string[] {
  if (kept === undefined) return [];
  const lost =
    kept.lessProtected === 0
      ? ""
      : `, but ${counted(kept.lessProtected, "is less protected now: its makers put it", "are less protected now: their makers put them")} elsewhere`;
  return [
    `${counted(kept.found, "face was there before and keeps its split or goes", "faces were there before and keep their splits or go")} to a more protected one${lost}`,
  ];
}

/** What looking for copies found and moved, for people. */
export function describeDuplicates({ pairs, groups, moved, leaks, kept }: DuplicateOutcome): string {
  const exact = pairs.filter(({ kind }) => kind === "exact").length;
  const lines = [
    `${counted(pairs.length, "pair")}: ${exact} exact, ${pairs.length - exact} near, in ${counted(groups, "group")}`,
    `${counted(moved, "face")} moved so that each group stands in one split`,
    ...describeKept(kept),
    `${counted(leaks.length, "group, subject or picture", "groups, subjects or pictures")} still ${nounFor(leaks.length, "stands", "stand")} in several splits${leaks.length > 0 ? " (official parts stay as they are)" : ""}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Leaks that are named; others are counted. */
const namedLeaks = 20;

/** What stands in several splits, a line each. */
export function describeLeaks(leaks: DuplicateOutcome["leaks"]): string {
  const stand = `${counted(leaks.length, "subject, group or picture stands", "subjects, groups or pictures stand")} in several splits`;
  const lines = leaks.slice(0, namedLeaks).map(({ kind, key, ids }) => `  ${kind} ${key}: ${JSON.stringify(ids)}`);
  const rest = leaks.length > namedLeaks ? [`  and ${leaks.length - namedLeaks} more`] : [];
  return [stand, ...lines, ...rest, ""].join("\n");
}
