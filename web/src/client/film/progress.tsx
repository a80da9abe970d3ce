import { clock } from "./clock.ts";
import { countPeople, followAgain, hold, type OpenFilm, stopFollowing } from "./state.ts";

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
      <p class="film-progress hint">
        {countPeople()}
        {stage === "stopped" && `, until ${clock(until)} of ${clock(facts.duration)}`}{" "}
        <button type="button" class="link" onClick={() => void followAgain()}>
          Go through it again
        </button>
      </p>
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
