import { z } from "zod";
import { confidentLearning } from "./confident-learning.ts";

/** Why a face is worth a look, apart from its label. */
export const suspicionFlags = [
  "conflicting-duplicate",
  "no-face",
  "several-faces",
  "dark",
  "blurred",
  "tiny",
  "covered",
  "outlier",
] as const;
export type SuspicionFlag = (typeof suspicionFlags)[number];

/** One line of `suspicion.jsonl`: how doubtful the label of one face is. */
const lineSchema = z.strictObject({
  id: z.string(),
  task: z.string(),
  /** Class as the manifest has it. */
  given: z.string(),
  /** Class that the out-of-sample probabilities speak for. */
  suggested: z.string(),
  /** Out-of-sample probability of the given class, 0..1; absent where none were computed. */
  selfConfidence: z.number().min(0).max(1).optional(),
  /** The same minus that of the best other class, -1..1. */
  margin: z.number().min(-1).max(1).optional(),
  /** Whether confident learning counts it among the label errors. */
  isConfidentError: z.boolean(),
  flags: z.array(z.enum(suspicionFlags)),
  /** How doubtful the label is, 0..1; the worst stand first in a review. */
  doubt: z.number().min(0).max(1),
});
export type Suspicion = z.infer<typeof lineSchema>;

/** Version 0.1 wrote the doubt as `score`, which is the detector's number. */
export const suspicionSchema = z.preprocess((line) => {
  if (typeof line !== "object" || line === null || !("score" in line)) return line;
  const { score, ...rest } = line;
  return { doubt: score, ...rest };
}, lineSchema);

/** What a face is judged by. */
export interface SuspicionInput {
  readonly id: string;
  readonly given: string;
  readonly flags: readonly SuspicionFlag[];
}

/**
 * How much each flag weighs against a doubtful label, which runs from 0 (self-confidence 1) to 1 (self-confidence 0). Two copies of
 * one photograph with different labels cannot both be right, and a picture without a face has no right label, so both stand with
 * the worst labels; the others only reach the level of labels that are a little doubtful.
 */
const flagDoubts: Readonly<Record<SuspicionFlag, number>> = {
  "conflicting-duplicate": 0.97,
  "no-face": 0.95,
  "several-faces": 0.7,
  dark: 0.6,
  blurred: 0.6,
  tiny: 0.6,
  covered: 0.6,
  outlier: 0.6,
};

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/**
 * The order is by self-confidence: with labels flipped on purpose it put more of them in the first tenth than the margin did (75 %
 * against 66 %, mood, 2,223 faces of FER2013's PublicTest). The margin is kept for those who want to sort by it.
 */
function doubtOf(selfConfidence: number | undefined, flags: readonly SuspicionFlag[]): number {
  const label = selfConfidence === undefined ? 0 : 1 - selfConfidence;
  return round(Math.max(label, ...flags.map((flag) => flagDoubts[flag])));
}

/**
 * Ranks the labels of one task, the most doubtful first.
 * @param classes names of the classes, in the order of the probabilities
 * @param probabilities out-of-sample, `[faces, classes]`; without them only the flags count
 */
export function rankSuspicions(
  task: string,
  classes: readonly string[],
  faces: readonly SuspicionInput[],
  probabilities?: Float64Array,
): Suspicion[] {
  const labels = Int32Array.from(faces, ({ given }) => classes.indexOf(given));
  const verdicts = probabilities === undefined ? undefined : confidentLearning(probabilities, labels, classes.length).verdicts;
  const ranked = faces.map(({ id, given, flags }, index): Suspicion => {
    const verdict = verdicts?.[index];
    return {
      id,
      task,
      given,
      suggested: verdict === undefined ? given : classes[verdict.suggested]!,
      ...(verdict === undefined ? {} : { selfConfidence: round(verdict.selfConfidence), margin: round(verdict.margin) }),
      isConfidentError: verdict?.isConfidentError ?? false,
      flags: [...flags],
      doubt: doubtOf(verdict?.selfConfidence, flags),
    };
  });
  return ranked.sort((a, b) => b.doubt - a.doubt || (a.id < b.id ? -1 : Number(a.id > b.id)));
}
