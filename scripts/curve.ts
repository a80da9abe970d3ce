import { z } from "zod";

/** The first steps of a recipe's training, to compare with when it is begun anew. */
export const curveSchema = z.strictObject({
  schema: z.literal("tensorface.curve/1"),
  recipe: z.string(),
  /** Of the machine that trained: on another family sums round otherwise. */
  processor: z.string(),
  onnxRuntime: z.string(),
  /** The order of sums in a step: see `stepArithmetic`. Curves from before it was counted are the first. */
  arithmetic: z.int().positive().default(1),
  /** Of the pictures, labels and roles of all faces in their order, whatever they are called. */
  facesHash: z.string(),
  steps: z.array(z.strictObject({ step: z.int().positive(), loss: z.number(), gradientNorm: z.number() })).min(1),
});
export type Curve = z.output<typeof curveSchema>;

/** How far a loss may be off where processor, engine or the order of its sums are others, as a share: roundings grow from step to step. */
const tolerance = 0.05;

/**
 * What differs between a recorded curve and the same training begun anew; nothing where they agree: to the bit on the same processor,
 * engine and arithmetic, within a twentieth of each loss elsewhere.
 */
export function compareCurves(recorded: Curve, again: Curve): string[] {
  if (recorded.facesHash !== again.facesHash)
    return [`other data: its hash is ${again.facesHash.slice(0, 12)}, recorded was ${recorded.facesHash.slice(0, 12)}`];
  const isSame = (["processor", "onnxRuntime", "arithmetic"] as const).every((key) => recorded[key] === again[key]);
  const found = new Map(again.steps.map((point) => [point.step, point]));
  return recorded.steps.flatMap((point) => {
    const other = found.get(point.step);
    if (other === undefined) return [`step ${point.step} was not reached`];
    const isEqual = isSame
      ? other.loss === point.loss && other.gradientNorm === point.gradientNorm
      : Math.abs(other.loss - point.loss) <= tolerance * Math.abs(point.loss);
    return isEqual ? [] : [`step ${point.step}: loss ${other.loss}, recorded was ${point.loss}`];
  });
}
