import { clock } from "./clock.ts";
import { countPeople, every, followAgain, hold, type OpenFilm, stopFollowing } from "./state.ts";

/** How far the film is gone through, with pause and stop. */
export function Progress({ opened: { stage, facts, until, looked, problem } }: { readonly opened: OpenFilm }) {
  if (stage === "failed") {
    return (
      <div class="failure" role="alert">
        <h2>This film could not be gone through</h2>
        <p>{problem}</p>
      </div>
    );
  }
  if (stage === "opening" || facts === undefined) {
    return (
      <label class="film-progress">
        Opening the film
        <progress class="wide" />
      </label>
    );
  }
  const isUnderWay = stage === "following" || stage === "held";
  if (!isUnderWay) {
    return (
      <div class="film-progress group hint">
        <span>
          {countPeople()}
          {stage === "stopped" && `, until ${clock(until)} of ${clock(facts.duration)}`}.{" "}
          {looked !== undefined && `Faces were looked for ${howOften(looked)}.`}
        </span>
        <ChooseEvery />
        <button type="button" class="link" onClick={() => void followAgain()}>
          Go through it again
        </button>
      </div>
    );
  }
  return (
    <div class="film-progress">
      <label>
        {stage === "held" ? "Paused at" : "Looking for faces:"} {clock(until)} of {clock(facts.duration)}
        <progress class="wide" max={facts.duration} value={Math.min(until, facts.duration)} />
      </label>
      <div class="group">
        <button type="button" class="button small" onClick={() => hold(stage !== "held")}>
          {stage === "held" ? "Go on" : "Pause"}
          <span class="visually-hidden"> looking for faces</span>
        </button>
        <button type="button" class="button small" onClick={stopFollowing}>
          Stop<span class="visually-hidden"> looking for faces</span>
        </button>
      </div>
    </div>
  );
}

/** In how many frames faces are looked for. */
export function ChooseEvery() {
  return (
    <label class="every">
      Look in{" "}
      <select
        value={every.value ?? ""}
        onChange={({ currentTarget: { value } }) => (every.value = value === "" ? undefined : Number(value))}
      >
        <option value="">as many frames as time allows</option>
        {[1, 2, 5, 10, 25].map((count) => (
          <option key={count} value={count}>
            {everyWords(count)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of a whole number. */
function everyWords(count: number): string {
  if (count === 1) return "every frame";
  return `every ${count}${count === 2 ? "nd" : count === 3 ? "rd" : "th"} frame`;
}

function howOften({ every: mean, isChosen }: NonNullable<OpenFilm["looked"]>): string {
  return isChosen ? `in ${everyWords(mean)}` : `in about ${everyWords(Math.round(mean))}`;
}
