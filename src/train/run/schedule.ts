import { z } from "zod";

const share = z.number().min(0).max(1);

const common = {
  /** The highest learning rate. */
  peak: z.number().positive(),
};
const rising = {
  /** Share of the steps in which the rate first rises evenly from 0. */
  warmUp: share.default(0),
};
const cooling = {
  /** The last share of the steps, in which the rate falls evenly to 0 as well, whatever it does besides (Hu et al., 2024). */
  cooldown: share.default(0),
};

/** How the learning rate goes over the steps of a training. */
export const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), ...common, ...rising, ...cooling }).describe("Stays at the peak."),
  z
    .strictObject({
      kind: z.literal("cosine"),
      ...common,
      /** Share of the steps in which the rate first rises evenly from 0. */
      warmUp: share.default(0.05),
      /** Where the cosine ends, as a share of the peak. */
      final: share.default(0),
      /** Length of the cosine in trainings: above 1 the training ends before the cosine does. */
      length: z.number().min(1).default(1),
      ...cooling,
    })
    .describe("Rises evenly, then falls as half a cosine (Loshchilov and Hutter, 2017)."),
  z
    .strictObject({
      kind: z.literal("oneCycle"),
      ...common,
      /** Share of the steps that go up. */
      rise: share.default(0.25),
      /** Where it begins, as a share of the peak. */
      initial: share.default(0.04),
      /** Where it ends, as a share of the peak. */
      final: share.default(0.0001),
    })
    .describe("Up and down again, both ways as half cosines (Smith and Topin, 2018)."),
  z
    .strictObject({
      kind: z.literal("steps"),
      ...common,
      /** Shares of the steps at which the rate changes. */
      at: z.array(share),
      /** What the rate is multiplied with at each. */
      factor: z.number().positive().default(0.1),
      ...rising,
    })
    .describe("Falls in steps."),
]);

export type ScheduleOptions = z.output<typeof scheduleSchema>;

/** Half a cosine from `from` (at 0) to `to` (at 1). */
function halfCosine(from: number, to: number, position: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(Math.max(position, 0), 1)))) / 2;
}

/** The learning rate of step `step` (from 0) of `steps`. */
export function learningRate(schedule: ScheduleOptions, step: number, steps: number): number {
  const cooled = "cooldown" in schedule ? Math.round(schedule.cooldown * steps) : 0;
  const left = steps - step;
  return left < cooled ? (plainRate(schedule, step, steps) * left) / cooled : plainRate(schedule, step, steps);
}

function plainRate(schedule: ScheduleOptions, step: number, steps: number): number {
  const position = steps <= 1 ? 0 : step / (steps - 1);
  if (schedule.kind === "oneCycle") {
    const { peak, rise, initial, final } = schedule;
    if (position < rise) return peak * halfCosine(initial, 1, position / rise);
    return peak * halfCosine(1, final, rise === 1 ? 0 : (position - rise) / (1 - rise));
  }
  const { peak, warmUp } = schedule;
  const warmSteps = Math.round(warmUp * steps);
  // The first step already learns, and step `warmSteps` has the whole peak.
  if (step < warmSteps) return (peak * (step + 1)) / (warmSteps + 1);
  if (schedule.kind === "constant") return peak;
  if (schedule.kind === "steps") return peak * schedule.factor ** schedule.at.filter((share) => step >= share * steps).length;
  const end = Math.round(schedule.length * steps) - 1;
  return peak * halfCosine(1, schedule.final, (step - warmSteps) / Math.max(1, end - warmSteps));
}
