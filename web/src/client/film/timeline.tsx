import type { Person } from "../../shared/film-questions.ts";
import { answerAt } from "../../shared/film-words.ts";
import { listFacts } from "../../shared/words.ts";
import { settings } from "../state.ts";
import { clock } from "./clock.ts";
import { jump } from "./player.tsx";
import { film, focusedTrack, people, shownTime, sightOf } from "./state.ts";

/** Moods and ages of each person over the film. A click or a key shows the frame. */
export function Timeline() {
  const duration = film.value?.facts?.duration ?? 0;
  if (people.value.length === 0 || duration === 0) return null;
  const years = yearsOf(people.value);
  const moods = [...new Set(people.value.flatMap((person) => person.moods.map(({ label }) => label)))];
  const { tasks } = settings.value;
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Through time</h2>
      {people.value.map((person) => (
        <Row key={person.id} person={person} duration={duration} years={years} />
      ))}
      <div class="row ticks" aria-hidden="true">
        <span />
        <span class="strip">
          {ticksOf(duration).map((time) => (
            <span key={time} class="tick" data-end={time / duration > 0.95 ? "" : undefined} style={{ left: share(time, duration) }}>
              {clock(time)}
            </span>
          ))}
        </span>
      </div>
      {tasks.includes("mood") && moods.length > 0 && (
        <ul class="legend" aria-label="Colours of the moods">
          {moods.map((mood) => (
            <li key={mood}>
              <span class="mood" data-mood={mood} /> {mood}
            </li>
          ))}
          {tasks.includes("age") && (
            <li>
              <span class="age-sign" /> age, and the range of a single look
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

interface Years {
  readonly low: number;
  readonly high: number;
}

/** One scale for all, so that their ages can be compared. */
function yearsOf(all: readonly Person[]): Years {
  const ages = all.flatMap((person) => person.ages);
  if (ages.length === 0) return { low: 0, high: 100 };
  // Not as arguments: a day of film with several people has more than a call takes.
  const least = ages.reduce((low, age) => Math.min(low, age.low), Infinity);
  const most = ages.reduce((high, age) => Math.max(high, age.high), -Infinity);
  const low = Math.floor(least / 10) * 10;
  // A newborn's range may begin and end at 0.
  return { low, high: Math.max(low + 10, Math.ceil(most / 10) * 10) };
}

interface RowProps {
  readonly person: Person;
  readonly duration: number;
  readonly years: Years;
}

function Row({ person, duration, years }: RowProps) {
  const { id } = person;
  const { tasks } = settings.value;
  return (
    <div class="row" data-focused={focusedTrack.value === id ? "" : undefined}>
      <span class="row-label" aria-hidden="true">
        <strong>{id}</strong>
        {tasks.includes("age") && person.ages.length > 0 && (
          <span class="years">
            <span>{years.high}</span>
            <span>{years.low}</span>
          </span>
        )}
      </span>
      <Strip person={person} duration={duration} years={years} />
    </div>
  );
}

function Strip({ person, duration, years }: RowProps) {
  const { id, from, to } = person;
  const { tasks } = settings.value;
  const time = shownTime.value;
  const isThere = time >= from - 0.5 && time <= to + 0.5;
  const told = isThere ? listFacts(answerAt(person, time), tasks).join(", ") : "not in the picture";
  const jumpTo = (event: PointerEvent & { readonly currentTarget: HTMLElement }): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const asked = Math.min(duration, Math.max(0, ((event.clientX - left) / width) * duration));
    // Within a track the nearest frame in which the face was found: what is told was told of such frames.
    jump(asked < from || asked > to ? asked : (sightOf(id, asked) ?? asked));
  };
  return (
    <div
      class="strip"
      role="slider"
      tabIndex={0}
      aria-label={`Person ${id} through time`}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration * 100) / 100}
      aria-valuenow={Math.min(duration, Math.round(time * 100) / 100)}
      aria-valuetext={`${clock(time)}, ${told}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        jumpTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) jumpTo(event);
      }}
      onKeyDown={(event) => onKey(event, person, duration)}
      onFocus={() => (focusedTrack.value = id)}
      onBlur={() => (focusedTrack.value = undefined)}
    >
      {tasks.includes("mood") && <Moods person={person} duration={duration} />}
      {tasks.includes("age") && person.ages.length > 0 && <Ages person={person} duration={duration} years={years} />}
      {!tasks.includes("mood") && !tasks.includes("age") && (
        <span class="extent" style={{ left: share(from, duration), width: share(to - from, duration) }} />
      )}
      <span class="playhead" style={{ left: share(Math.min(time, duration), duration) }} />
    </div>
  );
}

/** Arrows go from sight to sight, Page keys five seconds, Home and End to the ends of the track. */
function onKey(event: KeyboardEvent, { id, from, to }: Person, duration: number): void {
  const time = shownTime.value;
  const targets: Readonly<Record<string, number | undefined>> = {
    ArrowLeft: sightOf(id, time, -1),
    ArrowDown: sightOf(id, time, -1),
    ArrowRight: sightOf(id, time, 1),
    ArrowUp: sightOf(id, time, 1),
    PageDown: Math.max(0, time - pageSeconds),
    PageUp: Math.min(duration, time + pageSeconds),
    Home: from,
    End: to,
  };
  if (!(event.key in targets)) return;
  event.preventDefault();
  const target = targets[event.key];
  if (target !== undefined) jump(target);
}

const pageSeconds = 5;

interface Stretch {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** Seconds of the same mood, joined. */
function stretchesOf({ moods, from, to }: Person): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { time, label } of moods) {
    const last = stretches.at(-1);
    const [start, end] = [Math.max(from, time), Math.min(to, time + 1)];
    if (last !== undefined && last.label === label && time <= last.to) stretches[stretches.length - 1] = { ...last, to: end };
    else stretches.push({ label, from: start, to: end });
  }
  return stretches;
}

function Moods({ person, duration }: Pick<RowProps, "person" | "duration">) {
  return (
    <span class="moods" aria-hidden="true">
      {stretchesOf(person).map(({ label, from, to }) => (
        <span
          key={from}
          class="mood"
          data-mood={label}
          title={`${label}, ${clock(from)} to ${clock(to)}`}
          style={{ left: share(from, duration), width: `max(3px, ${share(to - from, duration)})` }}
        >
          <span>{label}</span>
        </span>
      ))}
    </span>
  );
}

function Ages({ person: { ages, from, to }, duration, years: { low, high } }: RowProps) {
  const y = (years: number): string => ((high - years) / (high - low)).toFixed(4);
  const points = ages.map((age) => ({ ...age, x: Math.min(to, Math.max(from, age.time + 0.5)) }));
  // A track of less than a second has one point: it is drawn as wide as the track.
  const [first, last] = [points[0]!, points.at(-1)!];
  const all = [{ ...first, x: from }, ...points, { ...last, x: to }];
  const upper = all.map(({ x, high: top }) => `${x} ${y(top)}`);
  const lower = all.toReversed().map(({ x, low: bottom }) => `${x} ${y(bottom)}`);
  return (
    <svg class="ages" viewBox={`0 0 ${duration} 1`} preserveAspectRatio="none" aria-hidden="true">
      <path class="band" d={`M${[...upper, ...lower].join("L")}Z`} />
      <path class="line" d={`M${all.map(({ x, years }) => `${x} ${y(years)}`).join("L")}`} />
    </svg>
  );
}

function share(time: number, duration: number): string {
  return `${(time / duration) * 100}%`;
}

/** About five times of the film, at round numbers. */
function ticksOf(duration: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const step = steps.find((seconds) => duration / seconds <= 6) ?? 7200;
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
}
