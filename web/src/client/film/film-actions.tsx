import { type BlurEffect, blurEffects } from "../../../../src/video/index.ts";
import {
  canSave,
  effect,
  film,
  keep,
  kept,
  people,
  portraits,
  saveBlurred,
  saveProblem,
  saveTable,
  stopWriting,
  written,
} from "./state.ts";

const effectNames: Readonly<Record<BlurEffect, string>> = { pixelate: "pixels", blur: "blur", fill: "dark ellipses" };

/** Taking away what was found, and the film without faces. */
export function FilmActions() {
  if (!canSave.value) return null;
  return (
    <>
      <div class="group" role="group" aria-labelledby="save-film-label">
        <span id="save-film-label" class="hint">
          Save
        </span>
        <button type="button" class="button small" onClick={() => void saveTable("seconds")}>
          Seconds (CSV)
        </button>
        <button type="button" class="button small" onClick={() => void saveTable("tracks")}>
          People (JSON)
        </button>
        <button type="button" class="button small" onClick={() => void saveTable("frames")}>
          Frames (JSONL)
        </button>
      </div>
      {people.value.length > 0 && <HideFaces />}
      {saveProblem.value !== undefined && (
        <p class="note" role="alert">
          {saveProblem.value}
        </p>
      )}
    </>
  );
}

function HideFaces() {
  const isWhole = film.value?.stage === "whole";
  return (
    <section class="note hide-faces" aria-labelledby="hide-title">
      <h2 id="hide-title">The film without faces</h2>
      {isWhole ? (
        <p class="hint">
          Look at the result before you give it away: no program finds every face. Sound stays; names, places and thumbnails in the file are
          left behind.
        </p>
      ) : (
        <p class="hint">Go through the whole film first: in the rest of it faces would be seen.</p>
      )}
      {people.value.length > 1 && <Kept />}
      {written.value === undefined ? (
        <div class="group">
          <label>
            Hide by{" "}
            <select value={effect.value} onChange={({ currentTarget }) => (effect.value = chosenEffect(currentTarget.value))}>
              {blurEffects.map((name) => (
                <option key={name} value={name}>
                  {effectNames[name]}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="button small" disabled={!isWhole} onClick={() => void saveBlurred()}>
            Save film without faces
          </button>
        </div>
      ) : (
        <div class="group">
          <label class="grow">
            Writing, {Math.round(written.value * 100)} %
            <progress class="wide" value={written.value} />
          </label>
          <button type="button" class="button small" onClick={stopWriting}>
            Cancel
          </button>
        </div>
      )}
    </section>
  );
}

function chosenEffect(value: string): BlurEffect {
  return blurEffects.find((name) => name === value) ?? "pixelate";
}

/** Who stays visible. */
function Kept() {
  return (
    <fieldset>
      <legend>Stays visible</legend>
      {people.value.map(({ id }) => (
        <label key={id}>
          <input type="checkbox" checked={kept.value.has(id)} onChange={({ currentTarget }) => keep(id, currentTarget.checked)} />{" "}
          {portraits.value.has(id) && <img src={portraits.value.get(id)} alt="" width="24" height="24" />} Person {id}
        </label>
      ))}
    </fieldset>
  );
}
