import { clock } from "./clock.ts";
import { everyWords } from "../../shared/film-words.ts";
import { countPeople, every, followAgain, hold, type OpenFilm, stopFollowing, underWay } from "./state.ts";

/** How far the film is gone through, with pause and stop. */
export function Progress({ opened }: { readonly opened: OpenFilm }) {
  const { stage, facts, until, looked, problem } = opened;
  if (stage === "failed") {
    return (
      <div class="failure" role="alert">
        <h2>This film could not be gone through</h2>
        <p>{problem}</p>
      </div>
    );
  }
  if (stage === "waiting") return <Turn />;
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
          {countPeople(opened)}
          {stage === "stopped" && `, until ${clock(until)} of ${clock(facts.duration)}`}.{" "}
          {looked !== undefined && `Faces were looked for ${howOften(looked)}.`}
        </span>
        <ChooseEvery />
        <button type="button" class="link" onClick={followAgain}>
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
        <button type="button" class="button small" onClick={() => hold(opened, stage !== "held")}>
          {stage === "held" ? "Go on" : "Pause"}
          <span class="visually-hidden"> looking for faces</span>
        </button>
        <button type="button" class="button small" onClick={() => stopFollowing(opened)}>
          Stop<span class="visually-hidden"> looking for faces</span>
        </button>
      </div>
    </div>
  );
}

/** Films are gone through one at a time. Whoever stops one keeps what was found in it. */
function Turn() {
  const before = underWay.value;
  if (before === undefined) return null;
  return (
    <div class="film-progress note">
      <p>
        Waits until <strong>{before.file.name}</strong> is gone through.
      </p>
      <button type="button" class="button small" onClick={() => stopFollowing(before)}>
        Stop that, and go on with this one
      </button>
    </div>
  );
}

/** In how many frames faces are looked for. */
export function ChooseEvery() {
  return (
    <label class="every">
      Look for faces in{" "}
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

function howOften({ every: mean, isChosen }: NonNullable<OpenFilm["looked"]>): string {
  return isChosen ? `in ${everyWords(mean)}` : `in about ${everyWords(Math.round(mean))}`;
}
