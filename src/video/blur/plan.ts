import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { type BoundingBox, type OptionNames, TensorFaceError } from "../../core/index.ts";
import { boxAt, type PathPoint } from "../tracks/boxes.ts";
import { type BlurEffect, blurEffects, hiddenEllipse } from "./paint.ts";

// Of zod/mini, as in `models/manifest.ts`: the page loads it with its first film.
const numberSchema = z.number();
const positiveSchema = z.number().check(z.positive());
const wholeSchema = z.int().check(z.positive());
const pointSchema = z.strictObject({
  /** Seconds; 0 in a picture. */
  time: numberSchema,
  x: numberSchema,
  y: numberSchema,
  width: positiveSchema,
  height: positiveSchema,
});
/** How faces are hidden. */
const hidingFields = {
  effect: z.enum(blurEffects),
  margin: z.number().check(z.minimum(0), z.maximum(5)),
  /** Seconds before the first and after the last box of a track that are hidden too. */
  lead: z.number().check(z.minimum(0)),
};

const planSchema = z.strictObject({
  schema: z.literal("tensorface.blur/1"),
  source: z.string(),
  width: wholeSchema,
  height: wholeSchema,
  ...hidingFields,
  tracks: z.array(z.strictObject({ id: wholeSchema, keep: z.boolean(), points: z.array(pointSchema).check(z.minLength(1)) })),
});
const hidingSchema = z.strictObject(hidingFields);
/** zod/mini has no words of its own. */
const { localeError } = english();

/** What is hidden in a film or picture, and how: to be looked at and changed by hand. */
export type BlurPlan = z.infer<typeof planSchema>;

/** Looks are closer than where a film is only analysed: a face that turns up between two of them must not be missed. */
export const blurDefaults = { effect: "pixelate", margin: 0.3, lead: 0.5, every: 3 } as const;

/** @throws {TF_INVALID_ARGUMENT} when the text is no plan */
export function readBlurPlan(text: string, name: string): BlurPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `${name} is no JSON`, { cause: error });
  }
  const { data, error } = planSchema.safeParse(value, { error: localeError });
  if (data === undefined)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `${name} is no plan of tensorface blur: ${z.prettifyError(error)}`);
  const tracks = data.tracks.map(({ id, keep, points }) => ({ id, keep, points: points.toSorted((a, b) => a.time - b.time) }));
  return { ...data, tracks };
}

/** What is hidden, and how. */
export interface PlanOptions {
  /** @default "pixelate" */
  readonly effect?: BlurEffect | undefined;
  /** How far beyond each side of a face's box is hidden too, in shares of the side, 0..5. @default 0.3 */
  readonly margin?: number | undefined;
  /**
   * Seconds before a face was first found and after it was last found that are hidden too. In a film of few frames a second more of them are looked
   * at, so that no frame is farther than this from the looks around it. @default 0.5
   */
  readonly lead?: number | undefined;
  /** Faces of the plan that stay visible, by number: of a film the tracks' ids. @default none */
  readonly keep?: readonly number[] | undefined;
}
export const planOptionNames: OptionNames<PlanOptions> = { effect: true, margin: true, lead: true, keep: true };

interface PlannedTrack {
  readonly id: number;
  readonly points: readonly PathPoint[];
}

/** How faces are hidden, checked. @throws {TF_INVALID_ARGUMENT} */
export function settleHiding({ effect = blurDefaults.effect, margin = blurDefaults.margin, lead = blurDefaults.lead }: PlanOptions) {
  const { data, error } = hidingSchema.safeParse({ effect, margin, lead }, { error: localeError });
  if (data !== undefined) return data;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `faces cannot be hidden like that: ${z.prettifyError(error)}`);
}

/** @throws {TF_INVALID_ARGUMENT} when a track is to be kept that is not there, or an option is out of its range */
export function createBlurPlan(
  facts: Pick<BlurPlan, "source" | "width" | "height">,
  tracks: readonly PlannedTrack[],
  { keep = [], ...hiding }: PlanOptions = {},
): BlurPlan {
  const { effect, margin, lead } = settleHiding(hiding);
  const unknown = keep.find((id) => !tracks.some((track) => track.id === id));
  if (unknown !== undefined) {
    const ids = tracks.map(({ id }) => id).join(", ") || "none";
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `there is no face ${unknown} to keep; there are: ${ids}`);
  }
  const { source, width, height } = facts;
  const planned = tracks.map(({ id, points }) => ({
    id,
    keep: keep.includes(id),
    points: points.map(({ time, box }) => ({ time, x: box.x, y: box.y, width: box.width, height: box.height })),
  }));
  return { schema: "tensorface.blur/1", source, width, height, effect, margin, lead, tracks: planned };
}

/**
 * Gives the ellipses to hide at a time, by the boxes around them. Beyond a track's ends a face may go on as it went, or have stopped, half hidden:
 * both places are hidden.
 */
export function ellipsesOf({ tracks, margin, lead }: BlurPlan): (time: number) => BoundingBox[] {
  // Made once for all frames: a track of a long film has many thousand boxes.
  const paths = tracks.filter(({ keep }) => !keep).map(({ points }) => ({ points: points.map(({ time, ...box }) => ({ time, box })) }));
  return (time) =>
    paths.flatMap((path) => {
      const placed = boxAt(path, time, lead);
      if (placed === undefined) return [];
      const ends = [path.points[0]!, path.points.at(-1)!].filter((point, at) => (at === 0 ? time < point.time : time > point.time));
      return [placed, ...ends].map(({ box }) => hiddenEllipse(box, margin));
    });
}
