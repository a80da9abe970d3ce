import type { AgeEstimate } from "tensorface/browser";
import { percent } from "../../shared/words.ts";

/** Bars over age groups; below them the interval as a line with the expected years as a dot, on an axis of years. */
export function AgeChart({ age }: { readonly age: AgeEstimate }) {
  const groups = Object.entries(age.probabilities);
  const largest = Math.max(...groups.map(([, probability]) => probability));
  const axis = { from: 0, to: 100 };
  const place = (years: number): string => `${((years - axis.from) / (axis.to - axis.from)) * 100}%`;
  return (
    <>
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
