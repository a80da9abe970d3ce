import { type BlurEffect, blurEffects } from "../../../../src/video/index.ts";
import { canSave, effect, keep, type OpenFilm, saveBlurred, saveTable, stopWriting } from "./state.ts";

const effectNames: Readonly<Record<BlurEffect, string>> = { pixelate: "pixels", blur: "blur", fill: "dark ellipses" };

/** Taking away what was found, and the film without faces. */
export function FilmActions({ opened }: { readonly opened: OpenFilm }) {
  if (!canSave.value) return null;
  return (
    <>
      <div class="group" role="group" aria-labelledby="save-film-label">
        <span id="save-film-label" class="hint">
          Save
        </span>
        <button type="button" class="button small" onClick={() => void saveTable(opened, "seconds")}>
          Seconds (CSV)
        </button>
        <button type="button" class="button small" onClick={() => void saveTable(opened, "tracks")}>
          People (JSON)
        </button>
        <button type="button" class="button small" onClick={() => void saveTable(opened, "frames")}>
          Frames (JSONL)
        </button>
      </div>
      {opened.people.length > 0 && <HideFaces opened={opened} />}
      {opened.saveProblem !== undefined && (
        <p class="note" role="alert">
          {opened.saveProblem}
        </p>
      )}
    </>
  );
}

function HideFaces({ opened }: { readonly opened: OpenFilm }) {
  const { stage, people, written } = opened;
  const isWhole = stage === "whole";
  return (
    <section class="note hide-faces" aria-labelledby="hide-title">
      <h2 id="hide-title">The film without faces</h2>
      {isWhole ? (
        <p class="hint">
          Before the first save the film is gone through once more, more closely, and whoever is found then is hidden as well. Look at the
          result before you give it away: no program finds every face. Sound stays; names, places and thumbnails in the file are left
          behind.
        </p>
      ) : (
        <p class="hint">Go through the whole film first: in the rest of it faces would be seen.</p>
      )}
      {people.length > 1 && <Kept opened={opened} />}
      {written === undefined ? (
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
          <button type="button" class="button small" disabled={!isWhole} onClick={() => void saveBlurred(opened)}>
            Save film without faces
          </button>
        </div>
      ) : (
        <div class="group">
          <label class="grow">
            Hiding faces, {Math.round(written * 100)} %
            <progress class="wide" value={written} />
          </label>
          <button type="button" class="button small" onClick={() => stopWriting(opened)}>
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
function Kept({ opened }: { readonly opened: OpenFilm }) {
  const { people, kept, portraits } = opened;
  return (
    <fieldset class="choices">
      <legend>Stays visible</legend>
      {people.map(({ id }) => (
        <label key={id}>
          <input type="checkbox" checked={kept.has(id)} onChange={({ currentTarget }) => keep(opened, id, currentTarget.checked)} />{" "}
          {portraits.has(id) && <img src={portraits.get(id)} alt="" width="24" height="24" />} Person {id}
        </label>
      ))}
    </fieldset>
  );
}
