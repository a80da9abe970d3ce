import type { Person } from "../../shared/film-questions.ts";
import { listFacts } from "../../shared/words.ts";
import { settings } from "../state.ts";
import { clock } from "./clock.ts";
import { film, focusedTrack, people, portraits } from "./state.ts";

/** A card for each person of the film. */
export function People() {
  const stage = film.value?.stage;
  if (people.value.length === 0) {
    if (stage === "whole" || stage === "stopped")
      return <p class="note">No face was found. Faces that are turned away, covered or very small are easily missed.</p>;
    return stage === "failed" ? null : <p class="note">People stand here as soon as they are found.</p>;
  }
  return (
    <section aria-labelledby="people-title">
      <div class="faces-head">
        <h2 id="people-title">{people.value.length === 1 ? "1 person" : `${people.value.length} people`}</h2>
      </div>
      <ol class="faces">
        {people.value.map((person) => (
          <PersonCard key={person.id} person={person} />
        ))}
      </ol>
    </section>
  );
}

function PersonCard({ person }: { readonly person: Person }) {
  const { id, from, to } = person;
  const url = portraits.value.get(id);
  const facts = listFacts(person, settings.value.tasks);
  return (
    <li
      id={`person-${id}`}
      class="face"
      data-focused={focusedTrack.value === id ? "" : undefined}
      onPointerEnter={() => (focusedTrack.value = id)}
      onPointerLeave={() => (focusedTrack.value = undefined)}
    >
      <div class="person-head">
        {url === undefined ? <span class="thumbnail" /> : <img class="thumbnail" src={url} alt="" />}
        <span class="facts">
          <span class="hint">
            Person {id}, {clock(from)} to {clock(to)}
          </span>
          <strong>{facts.join(", ")}</strong>
        </span>
      </div>
    </li>
  );
}
