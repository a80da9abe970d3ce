import { clock } from "./clock.ts";
import { countPeople, every, followAgain, hold, type OpenFilm, stopFollowing } from "./state.ts";

/** How far the film is gone through, with pause and stop. */
export function Progress({ opened: { stage, facts, until, problem } }: { readonly opened: OpenFilm }) {
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
          {stage === "stopped" && `, until ${clock(until)} of ${clock(facts.duration)}`}.
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
      <select value={every.value} onChange={({ currentTarget }) => (every.value = Number(currentTarget.value))}>
        {[1, 2, 5, 10, 25].map((count) => (
          <option key={count} value={count}>
            {everyWords[count]}
          </option>
        ))}
      </select>
    </label>
  );
}

const everyWords: Readonly<Record<number, string>> = {
  1: "every frame",
  2: "every 2nd frame",
  5: "every 5th frame",
  10: "every 10th frame",
  25: "every 25th frame",
};
