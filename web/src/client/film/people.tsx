import type { Person } from "../../shared/film-questions.ts";
import { answerAt, moodAt } from "../../shared/film-words.ts";
import { listFacts, outOf } from "../../shared/words.ts";
import { AttributeSections, Labels, PictureAnswers } from "../parts/face-card.tsx";
import { FoldedCard } from "../parts/folded-card.tsx";
import { settings } from "../state.ts";
import { clock } from "./clock.ts";
import { jump } from "./player.tsx";
import { focusedTrack, type OpenFilm, shownTime } from "./state.ts";

/** With more people than this, cards begin folded. */
const unfoldedPeople = 2;

/** What is told of the film: of its pictures as a whole, where a model does, and of each person. */
export function FilmAnswers({ opened }: { readonly opened: OpenFilm }) {
  return (
    <>
      <PictureAnswers title="The whole film" attributes={opened.ofPictures} />
      <People opened={opened} />
    </>
  );
}

/** A card for each person of the film, in the order of first sight. */
function People({ opened: { stage, people, portraits } }: { readonly opened: OpenFilm }) {
  const { length } = people;
  if (length === 0) {
    if (stage === "whole" || stage === "stopped")
      return <p class="note">No face was found. Faces that are turned away, covered or very small are easily missed.</p>;
    return stage === "failed" || stage === "waiting" ? null : <p class="note">People stand here as soon as they are found.</p>;
  }
  return (
    <section aria-labelledby="people-title">
      <div class="faces-head">
        <h2 id="people-title">{length === 1 ? "1 person" : `${length} people`}</h2>
        <span class="hint">whoever leaves and comes back is counted anew</span>
      </div>
      <ol class="faces">
        {people.map((person) => (
          <PersonCard key={person.id} person={person} url={portraits.get(person.id)} isOpen={length <= unfoldedPeople} />
        ))}
      </ol>
    </section>
  );
}

interface PersonCardProps {
  readonly person: Person;
  /** Their small picture. */
  readonly url: string | undefined;
  readonly isOpen: boolean;
}

function PersonCard({ person, url, isOpen }: PersonCardProps) {
  const { id, from, to } = person;
  const { tasks } = settings.value;
  const time = shownTime.value;
  const facts = listFacts(answerAt(person, time), tasks);
  const mood = moodAt(person, time);
  return (
    <FoldedCard
      id={`person-${id}`}
      focused={focusedTrack}
      number={id}
      isOpen={isOpen}
      thumbnail={url === undefined ? <span class="thumbnail" /> : <img class="thumbnail" src={url} alt="" />}
      title={`Person ${id}, ${clock(from)} to ${clock(to)}`}
      facts={facts.join(", ")}
      below={
        <button type="button" class="link jump" onClick={() => jump(from)}>
          Show the first frame<span class="visually-hidden"> of person {id}</span>
        </button>
      }
    >
      {person.age !== undefined && tasks.includes("age") && <Age person={person} age={person.age} />}
      {person.gender !== undefined && tasks.includes("gender") && <Labels title="Apparent gender" estimate={person.gender} />}
      {mood !== undefined && tasks.includes("mood") && <Labels title={`Apparent mood at ${clock(time)}`} estimate={mood} />}
      <AttributeSections attributes={person.attributes} />
    </FoldedCard>
  );
}

function Age({
  person: { answeredLooks: looks, independentLooks },
  age,
}: {
  readonly person: Person;
  readonly age: NonNullable<Person["age"]>;
}) {
  const { low, high, level } = age.interval;
  const worth = Math.round(independentLooks);
  return (
    <section aria-label="Apparent age">
      <h3>
        Apparent age <strong>about {Math.round(age.years)}</strong>
      </h3>
      <p class="hint">
        {Math.round(low)} to {Math.round(high)}, a range meant to hold the true age for {outOf(level)} faces; from{" "}
        {looks === 1
          ? "one look"
          : `${looks} looks, worth ${worth === 1 ? "one" : worth} that ${worth === 1 ? "has" : "have"} nothing in common`}
      </p>
    </section>
  );
}
