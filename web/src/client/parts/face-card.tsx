import type { Signal } from "@preact/signals";
import type { AgeEstimate, Attributes, BuiltInTask, ClassEstimate, LabelEstimate, TaskDefinition } from "tensorface/browser";
import type { PageFace } from "../../shared/protocol.ts";
import {
  answerInWords,
  barRows,
  inWords,
  isUnsureFace,
  listFacts,
  noneOfTheseWords,
  outOf,
  percent,
  setInWords,
  unsureFaceWords,
} from "../../shared/words.ts";
import { ownTasks } from "../state.ts";
import { AgeChart } from "./age-chart.tsx";
import { FoldedCard } from "./folded-card.tsx";

export interface FaceCardProps {
  readonly face: PageFace;
  readonly index: number;
  /** Where the picture is, for the thumbnail; none for the camera. */
  readonly url?: string;
  readonly pictureWidth: number;
  readonly pictureHeight: number;
  readonly tasks: readonly BuiltInTask[];
  readonly focused: Signal<number | undefined>;
  /** Whether the card begins unfolded. */
  readonly isOpen: boolean;
}

/** One face. */
export function FaceCard({ face, index, url, tasks, focused, pictureWidth, pictureHeight, isOpen }: FaceCardProps) {
  return (
    <FoldedCard
      id={`face-${index}`}
      focused={focused}
      number={index}
      isOpen={isOpen}
      thumbnail={url !== undefined && <Thumbnail face={face} url={url} pictureWidth={pictureWidth} pictureHeight={pictureHeight} />}
      title={`Face ${index + 1}${isUnsureFace(face) ? `, ${unsureFaceWords}` : ""}`}
      facts={summary(face, tasks)}
    >
      {face.age !== undefined && tasks.includes("age") && <Age age={face.age} curve={face.ageCurve} />}
      {face.gender !== undefined && tasks.includes("gender") && <Labels title="Apparent gender" estimate={face.gender} />}
      {face.mood !== undefined && tasks.includes("mood") && <Labels title="Apparent mood" estimate={face.mood} />}
      <AttributeSections attributes={face.attributes} />
    </FoldedCard>
  );
}

/** Boxes come before what is told of them. */
function summary(face: PageFace, tasks: readonly BuiltInTask[]): string {
  const facts = listFacts(face, tasks);
  return facts.length === 0 && tasks.length > 0 ? "…" : facts.join(", ");
}

/** Brings a face's card into sight, unfolded. */
export function showFace(index: number, event: MouseEvent): void {
  const card = document.querySelector(`#face-${index}`);
  const details = card?.querySelector("details");
  if (details instanceof HTMLDetailsElement) details.open = true;
  goToCard(card, event);
}

/** Brings a card into sight. Who pressed a key goes there: all other boxes, and more, stand between. */
export function goToCard(card: Element | null, { detail }: MouseEvent): void {
  card?.scrollIntoView({ block: "nearest" });
  if (detail === 0) card?.querySelector("summary")?.focus();
}

/** The face cut out by CSS alone: the picture is scaled so that the box fills the square, and shifted. */
function Thumbnail({
  face: { box },
  url,
  pictureWidth,
  pictureHeight,
}: Pick<FaceCardProps, "face" | "pictureWidth" | "pictureHeight"> & { readonly url: string }) {
  const side = Math.max(box.width, box.height) * 1.3;
  const left = box.x + box.width / 2 - side / 2;
  const top = box.y + box.height / 2 - side / 2;
  const position = (start: number, whole: number): number => (whole === side ? 0 : (start / (whole - side)) * 100);
  return (
    <div
      class="thumbnail"
      aria-hidden="true"
      style={{
        backgroundImage: `url("${url}")`,
        backgroundSize: `${(pictureWidth / side) * 100}% ${(pictureHeight / side) * 100}%`,
        backgroundPosition: `${position(left, pictureWidth)}% ${position(top, pictureHeight)}%`,
      }}
    />
  );
}

function Age({ age, curve }: { readonly age: AgeEstimate; readonly curve: readonly number[] | undefined }) {
  const { low, high, level } = age.interval;
  return (
    <section aria-label="Apparent age">
      <h3>
        Apparent age <strong>about {Math.round(age.years)}</strong>
      </h3>
      <p class="hint">
        {Math.round(low)} to {Math.round(high)}, a range meant to hold the true age for {outOf(level)} faces; most likely group{" "}
        <span class="number">
          {age.group} ({percent(age.probabilities[age.group] ?? 0)})
        </span>
      </p>
      <AgeChart age={age} curve={curve} />
    </section>
  );
}

/** What is told beside the built-in tasks, a section each. */
export function AttributeSections({ attributes = {} }: { readonly attributes: Attributes | undefined }) {
  return (
    <>
      {Object.entries(attributes).map(([task, estimate]) =>
        "label" in estimate ? (
          <Labels key={task} title={task} estimate={estimate} task={ownTasks.value.get(task)} />
        ) : (
          <section key={task} aria-label={task}>
            <h3>
              {task} <strong>{answerInWords(estimate)}</strong>
            </h3>
            {"labels" in estimate ? (
              <Bars rows={Object.entries(estimate.probabilities)} best={estimate.labels} />
            ) : (
              <p class="hint">In brackets a range meant to hold the true value for {outOf(estimate.interval.level)}.</p>
            )}
          </section>
        ),
      )}
    </>
  );
}

/** What models for whole pictures tell; nothing where there are none. */
export function PictureAnswers({ title, attributes }: { readonly title: string; readonly attributes: Attributes | undefined }) {
  if (attributes === undefined) return null;
  return (
    <div class="face picture-answers">
      <h3>{title}</h3>
      <div class="estimates">
        <AttributeSections attributes={attributes} />
      </div>
    </div>
  );
}

interface LabelsProps {
  readonly title: string;
  readonly estimate: ClassEstimate | LabelEstimate<string>;
  /** What is known of a task that is not built in. */
  readonly task?: TaskDefinition | undefined;
}

/** One bar a label, with its number: readable without colour. */
export function Labels({ title, estimate, task }: LabelsProps) {
  const rows = barRows(estimate.probabilities, task);
  const { label } = estimate;
  return (
    <section aria-label={title}>
      <h3>
        {title} <strong>{label ?? noneOfTheseWords}</strong>{" "}
        <span class="hint">{label === null ? "unlike all examples of the model" : inWords(estimate.confidence)}</span>
      </h3>
      {estimate.set !== undefined && <p class="hint">{setInWords(estimate.set, rows.length)}</p>}
      <Bars rows={rows} best={label === null ? [] : [label]} />
    </section>
  );
}

function Bars({
  rows,
  best,
}: {
  readonly rows: readonly (readonly [label: string, probability: number])[];
  readonly best: readonly string[];
}) {
  return (
    <dl class="bars">
      {rows.map(([label, probability]) => (
        <div key={label} data-best={best.includes(label) ? "" : undefined}>
          <dt>{label}</dt>
          <dd>
            <span class="track">
              <span class="fill" style={{ width: `${probability * 100}%` }} />
            </span>
            <span class="number">{percent(probability)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
