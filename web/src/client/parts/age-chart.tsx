import type { AgeEstimate } from "tensorface/browser";
import { percent } from "../../shared/words.ts";

export interface AgeChartProps {
  readonly age: AgeEstimate;
  /** A probability for each year from 0; undefined where only the groups are known. */
  readonly curve: readonly number[] | undefined;
}

const lastYear = 100;

/** How plausible each age is: a curve over years with the interval under it where all years are known, else columns of groups. */
export function AgeChart({ age, curve }: AgeChartProps) {
  return (
    <>
      {curve === undefined ? <Columns age={age} /> : <Curve age={age} curve={curve} />}
      <div class="axis" aria-hidden="true">
        <span class="interval" style={{ left: place(age.interval.low), right: `calc(100% - ${place(age.interval.high)})` }} />
        <span class="dot" style={{ left: place(age.years) }} />
        {[0, 20, 40, 60, 80, 100].map((years) => (
          <span key={years} class="tick" style={{ left: place(years) }}>
            {years}
          </span>
        ))}
      </div>
    </>
  );
}

function place(years: number): string {
  return `${(years / lastYear) * 100}%`;
}

/** In units of years and of the highest point; the part inside the interval is darker. */
function Curve({ age, curve }: { readonly age: AgeEstimate; readonly curve: readonly number[] }) {
  const highest = Math.max(...curve);
  const area = (from: number, to: number): string => {
    const points = curve.slice(from, to + 1).map((value, index) => `L${from + index} ${(1 - value / highest).toFixed(4)}`);
    return `M${from} 1${points.join("")}L${to} 1Z`;
  };
  const { low, high } = age.interval;
  return (
    <svg class="curve" viewBox={`0 0 ${lastYear} 1`} preserveAspectRatio="none" role="img" aria-label={describe(age)}>
      <path class="all" d={area(0, lastYear)} />
      <path class="inside" d={area(Math.floor(low), Math.ceil(high))} />
    </svg>
  );
}

function describe({ group, probabilities }: AgeEstimate): string {
  return `Probability of each age from 0 to ${lastYear} years; most probable group: ${group} years, ${percent(probabilities[group] ?? 0)}`;
}

function Columns({ age }: { readonly age: AgeEstimate }) {
  const groups = Object.entries(age.probabilities);
  const largest = Math.max(...groups.map(([, probability]) => probability));
  return (
    <dl class="columns">
      {groups.map(([group, probability]) => (
        <div key={group} data-best={group === age.group ? "" : undefined}>
          <dd>
            <span class="number">{percent(probability)}</span>
            <span class="column" style={{ height: `${(probability / largest) * 3}rem` }} />
          </dd>
          <dt>{group}</dt>
        </div>
      ))}
    </dl>
  );
}
