import { counted } from "../../core/index.ts";
import { expectedWrong } from "../../datasets/index.ts";
import { describeDuration } from "../../report/progress.node.ts";
import { describeMissed } from "../look/index.ts";
import type { CleaningQueue } from "./clean.ts";
import type { CleaningCost } from "./cost.ts";
import type { RankedLabels } from "./rank.ts";

/** As many faces as a page of the review shows. */
const firstPage = 60;

/** How many labels are wrong, where, and what the pictures show beside it. */
export function describeDoubt({ suspicions, missed }: Pick<RankedLabels, "suspicions"> & Partial<Pick<RankedLabels, "missed">>): string {
  const wrong = Math.round(expectedWrong(suspicions));
  const flagged = suspicions.filter(({ flags }) => flags.length > 0).length;
  const most = suspicions.slice(0, firstPage);
  return [
    `${counted(suspicions.length, "label")} judged: about ${counted(wrong, "is", "are")} likely wrong, ${Math.round(expectedWrong(most))} of them among the first ${most.length}`,
    `${counted(flagged, "picture is flagged, whatever its", "pictures are flagged, whatever their")} label`,
    ...[missed && describeMissed(missed)].filter((line) => line !== undefined),
  ].join("\n");
}

/** `2968 pictures to look at: about 1 min 10 s`. */
export function describeCost({ pictures, seconds }: CleaningCost): string {
  return `${counted(pictures, "picture")} to look at: about ${describeDuration(seconds)}, then copies and doubts`;
}

/** What was found before the review, and what doubt says of each task. */
export function describeQueue({ pictures, withoutFace, withSeveral, missed, copies, moved, ranked }: CleaningQueue): string {
  const lines = [
    `${counted(pictures, "picture")}: no face found on ${withoutFace}, several on ${withSeveral}; ${counted(copies, "pair")} of copies`,
    ...[describeMissed(missed)].filter((line) => line !== undefined),
    ...(moved > 0 ? [`${counted(moved, "face")} moved so that copies stand in one split`] : []),
    ...ranked.map(({ task, suspicions }) => `${task}: ${describeDoubt({ suspicions })}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The tasks, the one with the most wrong labels first. */
export function tasksByWork({ ranked }: CleaningQueue): string[] {
  return ranked.toSorted((a, b) => expectedWrong(b.suspicions) - expectedWrong(a.suspicions)).map(({ task }) => task);
}
