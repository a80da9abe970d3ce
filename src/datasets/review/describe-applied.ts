import { counted } from "../../core/index.ts";
import type { AppliedDecisions } from "./decisions.node.ts";

/** What applied decisions made of a dataset, for people. */
export function describeApplied({ kept, relabelled, dropped }: AppliedDecisions): string {
  return `${counted(kept, "face")} kept (${relabelled} with a new label), ${dropped} dropped\n`;
}

/** Which decisions are not applied, and why; "" where all are. */
export function describeUnapplied({ unknown, outdated }: AppliedDecisions): string {
  const lines = [
    ...(unknown === 0
      ? []
      : [`${counted(unknown, "decision is about a face or task", "decisions are about faces or tasks")} that the dataset does not have`]),
    ...(outdated === 0
      ? []
      : [
          `${counted(outdated, "decision is about a label that is another by now: it is", "decisions are about labels that are others by now: they are")} not applied`,
        ]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
