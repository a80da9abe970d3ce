import type { GroupMeasure, Measure, Share } from "../../shared/measures.ts";

/** How good a head is on one split: in short, and unfolded by group and by label. */
export function MeasureCharts({ model, measure }: { readonly model: string; readonly measure: Measure }) {
  // Of several heads on several data, each with crops and photographs: only all of it together is a name of its own.
  const name = `${model}: apparent ${measure.task}, ${describeSource(measure)}`;
  const { task, n, accuracy, baseline, level, meanAbsoluteError, groups, confusion } = measure;
  const isAge = task === "age";
  return (
    <section class="measure" aria-label={name}>
      <h4>
        Apparent {task} <span class="hint">{describeData(measure)}</span>
      </h4>
      <dl class="dots">
        <Dot title={isAge ? "right age group" : "right"} share={accuracy} mark={baseline.accuracy} isMain />
      </dl>
      <p class="hint">
        {n.toLocaleString("en")} faces. Line: {Math.round(level * 100)} % interval. Tick: always saying “{baseline.label}”,{" "}
        {percentOf(baseline.accuracy)}.{meanAbsoluteError && ` Mean error ${meanAbsoluteError.value.toFixed(1)} years.`}{" "}
        {calibration(measure)}
      </p>
      {groups.length > 0 && (
        <details>
          <summary>By group of people and kind of picture</summary>
          <p class="hint">
            Labels of the data, which are apparent attributes too. No network here tells race; its labels serve this table alone.
          </p>
          {Object.entries(Object.groupBy(groups, ({ by }) => by)).map(([by, members]) => (
            <Groups key={by} by={by} groups={members ?? []} />
          ))}
        </details>
      )}
      {confusion !== undefined && (
        <details>
          <summary>What is taken for what</summary>
          <p class="hint">Of the faces annotated as the row says, this many percent are told as the column says.</p>
          <Confusion name={name} {...confusion} />
        </details>
      )}
    </section>
  );
}

const roles: Readonly<Record<Measure["role"], string>> = {
  training: "it learnt from these: flattering",
  selection: "it was chosen on these: a little flattering",
  "held out": "held out",
  mixed: "it learnt from or was chosen on some of these: may flatter",
  unknown: "whether it has seen these is not known",
};

function describeData(measure: Measure): string {
  return `${describeSource(measure)}; ${roles[measure.role]}`;
}

function describeSource({ data }: Measure): string {
  return `${data.name}, ${data.split}, ${data.path === "crop" ? "cut-out faces" : "whole photographs"}`;
}

function calibration({ expectedCalibrationError, intervalCoverage }: Measure): string {
  const parts = [
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

interface DotProps {
  readonly title: string;
  readonly share: Share;
  /** Where the comparison stands, 0..1. */
  readonly mark?: number;
  readonly isMain?: boolean;
}

/** A share on a scale from 0 to 100 %, with its interval as a line; the numbers say the same. */
function Dot({ title, share: { value, low, high }, mark, isMain = false }: DotProps) {
  return (
    <div data-main={isMain ? "" : undefined}>
      <dt>{title}</dt>
      <dd>
        <span class="scale" aria-hidden="true">
          {low !== undefined && high !== undefined && (
            <span class="range" style={{ left: `${low * 100}%`, right: `${(1 - high) * 100}%` }} />
          )}
          {mark !== undefined && <span class="mark" style={{ left: `${mark * 100}%` }} />}
          <span class="point" style={{ left: `${value * 100}%` }} />
        </span>
        <span class="number">
          {percentOf(value)}
          {low !== undefined && high !== undefined && <small> {`${(low * 100).toFixed(0)} to ${(high * 100).toFixed(0)}`}</small>}
        </span>
      </dd>
    </div>
  );
}

const groupTitles: Readonly<Record<string, string>> = {
  ageGroup: "Age group",
  gender: "Gender label",
  race: "Race label",
  faceSize: "Size of the face",
  sharpness: "Sharpness",
  brightness: "Brightness",
};

function Groups({ by, groups }: { readonly by: string; readonly groups: readonly GroupMeasure[] }) {
  return (
    <>
      <h5>{groupTitles[by] ?? by}</h5>
      <dl class="dots">
        {groups.map(({ value, n, accuracy }) => (
          <Dot key={value} title={`${value.replaceAll("_", " ")} (${n.toLocaleString("en")})`} share={accuracy} />
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
