import type { GroupMeasure, Measure, Share } from "../../shared/measures.ts";
import type { TaskSummary, Weakness } from "../../shared/model-summary.ts";

interface TaskMeasuresProps {
  readonly model: string;
  /** What it chooses among; none for ages. */
  readonly labels: readonly string[];
  readonly summary: TaskSummary;
}

/** How good a head is at one task: in two sentences, then a line for each data set, which unfolds. */
export function TaskMeasures({ model, labels, summary }: TaskMeasuresProps) {
  const { task, main, cutOut } = summary;
  return (
    <div class="told">
      <h4>
        Apparent {task} {labels.length > 0 && <span class="hint">{labels.join(", ")}</span>}
      </h4>
      <p>
        {howRight(summary)} <span class="hint">{whereWeak(summary)}</span>
      </p>
      {main.map((measure) => (
        <MeasureRow key={`${measure.data.name} ${measure.data.split}`} model={model} measure={measure} />
      ))}
      {cutOut.length > 0 && (
        <details class="fold">
          <summary>The same on cut-out faces</summary>
          {cutOut.map((measure) => (
            <MeasureRow key={`${measure.data.name} ${measure.data.split}`} model={model} measure={measure} />
          ))}
        </details>
      )}
    </div>
  );
}

/** `Right for 90 to 94 of 100 faces, on 3 data sets that helped to choose it.` */
function howRight({ task, main, accuracy, years }: TaskSummary) {
  return (
    <>
      <strong>
        {task === "age" ? "The right age group" : "Right"} for {rangeInWords(accuracy, (share) => (share * 100).toFixed(0))} of 100
      </strong>{" "}
      faces{years && `, ${rangeInWords(years, (number) => number.toFixed(1))} years off on average`}, {onWhat(main)}.
    </>
  );
}

function onWhat(main: readonly Measure[]): string {
  const sets = main.length === 1 ? "on a data set" : `on ${main.length} data sets`;
  const { role } = main[0]!;
  return main.every((measure) => measure.role === role) ? `${sets} ${seenWords[role]}` : `${sets}, some of which it may have seen`;
}

/** What the data sets were to it. */
const seenWords: Readonly<Record<Measure["role"], string>> = {
  training: "that it learnt from, which flatters",
  selection: "that it was chosen on, which flatters a little",
  "held out": "that it has not seen",
  mixed: "that it has seen in part, which may flatter",
  unknown: "that it may have seen",
};

function rangeInWords({ low, high }: TaskSummary["accuracy"], write: (value: number) => string): string {
  return write(low) === write(high) ? write(low) : `${write(low)} to ${write(high)}`;
}

/** `Weaker on ages 0–2 (64 of 100) and 3–9 (77). Of pictures, on the least sharp quarter (89).` */
function whereWeak({ weak, arePicturesAlike }: TaskSummary): string {
  const people = weak.filter((one) => one.of === "people");
  const pictures = weak.filter((one) => one.of === "pictures");
  const sentences = [
    ...(people.length > 0 ? [`Weaker on ${listWeaknesses(people)}.`] : []),
    ...(pictures.length > 0 ? [`Of pictures, weaker on ${listWeaknesses(pictures)}.`] : []),
    ...(arePicturesAlike ? ["Dark, bright or unsharp pictures make no clear difference here."] : []),
  ];
  return sentences.join(" ");
}

function listWeaknesses(weak: readonly Weakness[]): string {
  return weak.map(({ what, accuracy }, index) => `${what} (${(accuracy * 100).toFixed(0)}${index === 0 ? " of 100" : ""})`).join(", ");
}

/** One line: the data set, how many are right; unfolded, all that was measured on it. */
function MeasureRow({ model, measure }: { readonly model: string; readonly measure: Measure }) {
  const { data, accuracy, baseline } = measure;
  return (
    <details class="measure">
      <summary>
        <span>
          {/* The authors and the year are told below. */}
          {data.name.replace(/ \(.*/, "")} <span class="hint">{pathWords[data.path]}</span>
        </span>
        <Scale share={accuracy} mark={baseline.accuracy} />
        <Numbers share={accuracy} />
      </summary>
      <MeasureDetails model={model} measure={measure} />
    </details>
  );
}

function MeasureDetails({ model, measure }: { readonly model: string; readonly measure: Measure }) {
  const { data, role, task, n, baseline, level, groups, confusion } = measure;
  // Of several heads on several data, each with crops and photographs: only all of it together is a name of its own.
  const name = `${model}: apparent ${task}, ${data.name}, ${data.split}, ${pathWords[data.path]}`;
  return (
    <div class="measured">
      <p class="hint">
        {n.toLocaleString("en")} faces of {data.name}, {data.split}: {roles[role]}. Line: {Math.round(level * 100)} % interval. Tick: always
        saying “{baseline.label}”, {percentOf(baseline.accuracy)}. {errors(measure)}
      </p>
      {confusion !== undefined && (
        <>
          <h5>What is taken for what</h5>
          <p class="hint">Of the faces annotated as the row says, this many percent are told as the column says.</p>
          <Confusion name={name} {...confusion} />
        </>
      )}
      {groups.length > 0 && (
        <>
          {Object.entries(Object.groupBy(groups, ({ by }) => by)).map(([by, members]) => (
            <Groups key={by} by={by} groups={members ?? []} />
          ))}
          {groups.some(({ by }) => arePeople(by)) && (
            <p class="hint">
              Groups of people are labels of the data, which are apparent attributes too. No network here tells race; its labels serve these
              tables alone.
            </p>
          )}
        </>
      )}
    </div>
  );
}

const roles: Readonly<Record<Measure["role"], string>> = {
  training: "it learnt from these: flattering",
  selection: "it was chosen on these: a little flattering",
  "held out": "held out",
  mixed: "it learnt from or was chosen on some of these: may flatter",
  unknown: "whether it has seen these is not known",
};

const pathWords: Readonly<Record<Measure["data"]["path"], string>> = { photo: "photographs", crop: "cut-out faces" };

function errors({ meanAbsoluteError, expectedCalibrationError, intervalCoverage }: Measure): string {
  const parts = [
    ...(meanAbsoluteError === undefined ? [] : [`Mean error ${meanAbsoluteError.value.toFixed(1)} years.`]),
    ...(expectedCalibrationError === undefined
      ? []
      : [`Stated probabilities are off by ${percentOf(expectedCalibrationError)} on average.`]),
    ...(intervalCoverage === undefined
      ? []
      : [`The age range that is meant to hold 80 % of true ages held ${percentOf(intervalCoverage)}.`]),
  ];
  return parts.join(" ");
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A share on a scale from 0 to 100 %, with its interval as a line; the numbers beside it say the same. */
function Scale({ share: { value, low, high }, mark }: { readonly share: Share; readonly mark?: number }) {
  return (
    <span class="scale" aria-hidden="true">
      {low !== undefined && high !== undefined && <span class="range" style={{ left: `${low * 100}%`, right: `${(1 - high) * 100}%` }} />}
      {mark !== undefined && <span class="mark" style={{ left: `${mark * 100}%` }} />}
      <span class="point" style={{ left: `${value * 100}%` }} />
    </span>
  );
}

function Numbers({ share: { value, low, high } }: { readonly share: Share }) {
  return (
    <span class="number">
      {percentOf(value)}
      {low !== undefined && high !== undefined && <small> {`${(low * 100).toFixed(0)} to ${(high * 100).toFixed(0)}`}</small>}
    </span>
  );
}

function arePeople(by: string): boolean {
  return by === "ageGroup" || by === "gender" || by === "race";
}

const groupTitles: Readonly<Record<string, string>> = {
  ageGroup: "Age group",
  gender: "Gender label",
  race: "Race label",
  faceSize: "Size of the face in pixels",
  sharpness: "Sharpness",
  brightness: "Brightness",
};

function Groups({ by, groups }: { readonly by: string; readonly groups: readonly GroupMeasure[] }) {
  return (
    <>
      <h5>{groupTitles[by] ?? by}</h5>
      <dl class="dots">
        {groups.map(({ value, n, accuracy }) => (
          <div key={value}>
            <dt>
              {value.replaceAll("_", " ")} <span class="hint">{n.toLocaleString("en")}</span>
            </dt>
            <dd>
              <Scale share={accuracy} />
              <Numbers share={accuracy} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Rows as annotated, columns as told; each cell its share of the row. */
function Confusion({ name, labels, counts }: NonNullable<Measure["confusion"]> & { readonly name: string }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`What is taken for what: ${name}`}>
      <table class="confusion">
        <thead>
          <tr>
            <td />
            {labels.map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, index) => (
            <ConfusionRow key={labels[index]} label={labels[index]!} counts={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ConfusionRow({ label, counts }: { readonly label: string; readonly counts: readonly number[] }) {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return (
    <tr>
      <th scope="row">{label}</th>
      {counts.map((count, column) => (
        <td key={column} style={{ "--share": count / total }}>
          {Math.round((100 * count) / total)}
        </td>
      ))}
    </tr>
  );
}
