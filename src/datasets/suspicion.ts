import { z } from "zod";

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
  /** Class that the views speak for which have not seen the label. */
  suggested: z.string(),
  /** The best class beside the given one; absent where nothing speaks for another. */
  alternative: z.string().optional(),
  /** Out-of-sample probability of the given class, 0..1; absent where none were computed. */
  selfConfidence: z.number().min(0).max(1).optional(),
  /** The same minus that of the best other class, -1..1. */
  margin: z.number().min(-1).max(1).optional(),
  flags: z.array(z.enum(suspicionFlags)),
  /** How likely the label is wrong, 0..1; the worst stand first in a review. */
  doubt: z.number().min(0).max(1),
});
export type Suspicion = z.infer<typeof lineSchema>;

/**
 * Version 0.1 wrote the doubt as `score`, which is the detector's number, and beside it whether confident learning counted the label among
 * the errors.
 */
export const suspicionSchema = z.preprocess((line) => {
  if (typeof line !== "object" || line === null) return line;
  const { isConfidentError: _, ...rest }: Record<string, unknown> = { ...line };
  if (!("score" in rest)) return rest;
  const { score, ...named } = rest;
  return { doubt: score, ...named };
}, lineSchema);

/** A label of which more than this is likely wrong: more likely than not. */
const even = 0.5;

/** Whether a label is more likely wrong than right. */
export function isLikelyWrong({ doubt }: Pick<Suspicion, "doubt">): boolean {
  return doubt > even;
}

/** How many labels of some are wrong, by what is thought of each. */
export function expectedWrong(suspicions: readonly Pick<Suspicion, "doubt">[]): number {
  return suspicions.reduce((sum, { doubt }) => sum + doubt, 0);
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** Ranks the labels of one task, the most doubtful first. What is to be seen of a picture says nothing of its label: it changes no place. */
export function rankSuspicions(task: string, faces: readonly Omit<Suspicion, "task">[]): Suspicion[] {
  const ranked = faces
    .map(({ id, given, suggested, alternative, selfConfidence, margin, flags, doubt }) => ({
      exact: doubt,
      suspicion: {
        id,
        task,
        given,
        suggested,
        ...(alternative === undefined ? {} : { alternative }),
        ...(selfConfidence === undefined ? {} : { selfConfidence: round(selfConfidence) }),
        ...(margin === undefined ? {} : { margin: round(margin) }),
        flags,
        doubt: round(doubt),
      },
    }))
    .toSorted((a, b) => b.exact - a.exact || (a.suspicion.id < b.suspicion.id ? -1 : 1));
  return ranked.map(({ suspicion }) => suspicion);
}
