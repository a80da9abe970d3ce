import { z } from "zod";

const rate = z.number().positive();
const share = z.number().min(0).max(1);
/** The last share of the steps, in which the rate falls evenly to 0 as well, whatever it does besides (Hu et al., 2024). */
const cooldown = share.default(0);

/** How the learning rate goes over the steps of a training. */
export const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), peak: rate, warmUp: share.default(0), cooldown }),
  /**
   * Rises evenly for `warmUp` of the steps, then falls as half a cosine to `final` of the peak (Loshchilov and Hutter, 2017) at `length` times
   * the steps: above 1 the training ends before the cosine does.
   */
  z.strictObject({
    kind: z.literal("cosine"),
    peak: rate,
    warmUp: share.default(0.05),
    final: share.default(0),
    length: z.number().min(1).default(1),
    cooldown,
  }),
  /** Both ways as half cosines: from `initial` of the peak up in `rise` of the steps, down to `final` (Smith and Topin, 2018). */
  z.strictObject({
    kind: z.literal("oneCycle"),
    peak: rate,
    rise: share.default(0.25),
    initial: share.default(0.04),
    final: share.default(0.0001),
  }),
  /** Multiplies by `factor` at each of the shares of the steps in `at`. */
  z.strictObject({
    kind: z.literal("steps"),
    peak: rate,
    at: z.array(share),
    factor: z.number().positive().default(0.1),
    warmUp: share.default(0),
  }),
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
