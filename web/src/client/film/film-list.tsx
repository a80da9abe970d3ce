import { FilesButton } from "../parts/files-button.tsx";
import { addFilms, countPeople, film, films, type OpenFilm, selectFilm } from "./state.ts";

/** What a chooser of films offers. */
export const filmTypes = "video/*,.mkv";

/** All films that were brought, the one on screen among them. */
export function FilmList() {
  const isAlone = films.value.length < 2;
  return (
    <nav class="films" aria-label="Films">
      {!isAlone && (
        <ul class="shelf">
          {films.value.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                class="film-tab"
                aria-current={one === film.value}
                title={one.file.name}
                onClick={() => selectFilm(one.id)}
              >
                <span class="film-name">{one.file.name}</span>
                <span class="hint">{stageWords(one)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <FilesButton label="Add films" accept={filmTypes} onFiles={addFilms} />
    </nav>
  );
}

function stageWords(one: OpenFilm): string {
  const { stage, facts, until } = one;
  if (stage === "waiting") return "waits";
  if (stage === "failed") return "could not be read";
  if (stage === "whole") return countPeople(one);
  if (stage === "stopped") return `${countPeople(one)}, stopped`;
  const share = facts === undefined || facts.duration === 0 ? 0 : Math.min(1, until / facts.duration);
  return `${Math.round(share * 100)} %${stage === "held" ? ", paused" : ""}`;
}
