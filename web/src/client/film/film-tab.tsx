import { useEffect } from "preact/hooks";
import { FilesButton } from "../parts/files-button.tsx";
import { ExplainNumbers } from "../parts/explain-numbers.tsx";
import { restarts, usesServer, warmUp } from "../state.ts";
import { FilmActions } from "./film-actions.tsx";
import { FilmList, filmTypes } from "./film-list.tsx";
import { Player } from "./player.tsx";
import { ChooseEvery, Progress } from "./progress.tsx";
import { FilmAnswers } from "./people.tsx";
import { Timeline } from "./timeline.tsx";
import { addFilms, film, type OpenFilm } from "./state.ts";
import "./film.css";

/** Films: who is in them, and when. */
export function FilmTab() {
  useEffect(() => warmUp("film"), [restarts.value]);
  const opened = film.value;
  return opened === undefined ? <Welcome /> : <Workspace opened={opened} />;
}

/** Films that were brought from elsewhere on the page. */
export const takeFilms = addFilms;

function Welcome() {
  return (
    <section class="welcome film">
      <h1>Who is in a film, and in what mood when</h1>
      <p class="lead">
        The film is played and gone through right here, in your browser. It never leaves your device. Nobody is recognised: a face is
        followed by where it goes, and whoever comes back is somebody new.
      </p>
      <div class="choosers">
        <FilesButton label="Choose films" style="button primary" accept={filmTypes} onFiles={addFilms} />
        <span class="hint">or drop them anywhere: MP4, MOV, WebM or MKV</span>
        <ChooseEvery />
      </div>
      {usesServer.value && <p class="note">This page's server takes photos alone; films need networks that run on this device.</p>}
      <ExplainNumbers />
    </section>
  );
}

function Workspace({ opened }: { readonly opened: OpenFilm }) {
  return (
    <div class="workspace film">
      <h1 class="visually-hidden">Film</h1>
      <div class="left">
        <FilmList />
        <Player key={opened.url} opened={opened} />
        <Progress opened={opened} />
        <Timeline />
        <FilmActions opened={opened} />
      </div>
      <div class="right">
        <FilmAnswers key={opened.url} opened={opened} />
        <ExplainNumbers />
      </div>
    </div>
  );
}
