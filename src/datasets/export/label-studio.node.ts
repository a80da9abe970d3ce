import { join } from "node:path";
import { builtInLabels, type TaskDefinition } from "../../core/index.ts";
import { createAtomicWriter, writeInLockedFolder } from "../../files/files.node.ts";
import type { FaceRecord } from "../record.ts";
import { isKnownHeader } from "../import/table-words.ts";
import { type DatasetExporter, type ExportedLabels, moodOfVotes, renamedColumns, requestsOf, votedMood } from "./export-format.ts";
import { pictureFolder } from "./picture-folder.ts";
import type { Told } from "./told.node.ts";

/** A control of the labelling page, and what it says of a face. */
interface Control {
  readonly name: string;
  readonly task: string;
  /** The labels to choose from; absent for a number. */
  readonly choices?: readonly string[];
  readonly isMultiple?: boolean;
  readonly read: (record: FaceRecord) => Answer;
  /** The same of what networks told. */
  readonly tell: (told: Told) => Answer;
}

type Answer = readonly string[] | number | undefined;

/** What was told of a task; a network may know other words than the labels. */
function tellOf(task: string, choices?: readonly string[]): Control["tell"] {
  return ({ answers }) => {
    const { label, labels, value } = answers[task] ?? {};
    const words = labels ?? (typeof label === "string" ? [label] : undefined);
    if (choices === undefined) return value;
    return words?.every((word) => choices.includes(word)) === true ? words : undefined;
  };
}

function builtInControl(task: "gender" | "mood"): Control {
  const choices = builtInLabels[task];
  return {
    name: task,
    task,
    choices,
    read: ({ labels }) => (labels[task] === undefined ? undefined : [labels[task]]),
    tell: tellOf(task, choices),
  };
}

/** A task's control: its name, but for those that mean something else. */
function controlName({ name }: TaskDefinition): string {
  // No task has a colon in its name.
  return isKnownHeader(name) || name === "image" ? `own:${name}` : name;
}

function ownControl(definition: TaskDefinition): Control {
  const { name: task, kind, labels = [] } = definition;
  const name = controlName(definition);
  const read: Control["read"] = ({ labels: { attributes } }) => {
    const label = attributes?.[task];
    return typeof label === "string" ? [label] : label;
  };
  if (kind === "number") return { name, task, read, tell: tellOf(task) };
  return { name, task, choices: labels, isMultiple: kind === "tags", read, tell: tellOf(task, labels) };
}

function controlsOf({ builtIn, own }: ExportedLabels): readonly Control[] {
  const years: readonly Control[] = [
    { name: "age_low", task: "age", read: ({ labels }) => labels.age?.low, tell: ({ age }) => age?.low },
    { name: "age_high", task: "age", read: ({ labels }) => labels.age?.high, tell: ({ age }) => age?.high },
  ];
  return [...builtIn.flatMap((task) => (task === "age" ? years : [builtInControl(task)])), ...own.map(ownControl)];
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;" };
function escaped(text: string): string {
  return text.replaceAll(/[&<>"\n\t]/g, (character) => escapes[character]!);
}

/** The labelling interface that the annotations are for. */
function configurationOf(controls: readonly Control[]): string {
  const lines = controls.map(({ name, choices, isMultiple = false }) => {
    if (choices === undefined) return `  <Number name="${escaped(name)}" toName="image"/>`;
    const options = choices.map((choice) => `    <Choice value="${escaped(choice)}"/>\n`).join("");
    return `  <Choices name="${escaped(name)}" toName="image" choice="${isMultiple ? "multiple" : "single"}">\n${options}  </Choices>`;
  });
  return `<View>\n  <Image name="image" value="$image"/>\n${lines.join("\n")}\n</View>\n`;
}

function resultsOf(controls: readonly Control[], answerOf: (control: Control) => Answer): object[] {
  return controls.flatMap((control) => {
    const { name } = control;
    const label = answerOf(control);
    if (label === undefined) return [];
    const told = typeof label === "number" ? { type: "number", value: { number: label } } : { type: "choices", value: { choices: label } };
    return [{ from_name: name, to_name: "image", ...told }];
  });
}

/** What networks told, as Label Studio shows it beside the labels; its score is that of the answer that is least sure. */
function predictionsOf(told: Told | undefined, controls: readonly Control[]): object {
  const result = told === undefined ? [] : resultsOf(controls, ({ tell }) => tell(told));
  if (told === undefined || result.length === 0) return {};
  const sure = controls.flatMap(({ task }) => told.answers[task]?.confidence ?? []);
  return { predictions: [{ model_version: "tensorface", ...(sure.length === 0 ? {} : { score: Math.min(...sure) }), result }] };
}

function taskOf(record: FaceRecord, controls: readonly Control[], { race, builtIn }: ExportedLabels, told: Told | undefined): object {
  const { file, id, split, subjectId, labels } = record;
  return {
    data: {
      // As its local storage gives files out, from the folder of the export.
      image: `/data/local-files/?d=${file.split("/").map(encodeURIComponent).join("/")}`,
      id,
      split,
      ...(subjectId === undefined ? {} : { subject: subjectId }),
      ...(race && labels.race !== undefined ? { race: labels.race } : {}),
      ...(labels.age?.deviation === undefined ? {} : { age_deviation: labels.age.deviation }),
      ...(builtIn.includes("mood") && labels.moodVotes !== undefined
        ? { mood_votes: labels.moodVotes, [moodOfVotes]: votedMood(labels) }
        : {}),
    },
    annotations: [{ result: resultsOf(controls, ({ read }) => read(record)) }],
    ...predictionsOf(told, controls),
  };
}

/**
 * Label Studio's tasks with the labels as annotations, `labels.xml` with the interface that shows them, and the pictures.
 * @param told what networks told, by id: predictions beside the annotations
 */
export function labelStudioExporter(labels: ExportedLabels, told?: ReadonlyMap<string, Told>): DatasetExporter {
  const controls = controlsOf(labels);
  return {
    folderOf: pictureFolder,
    sharesPictures: true,
    lacks: [],
    async open(folder) {
      await writeInLockedFolder(join(folder, "labels.xml"), configurationOf(controls));
      const writer = await createAtomicWriter(join(folder, "tasks.json"));
      let before = "[\n";
      return {
        async write(record) {
          await writer.write(before + JSON.stringify(taskOf(record, controls, labels, told?.get(record.id))));
          before = ",\n";
        },
        async commit() {
          await writer.write("\n]\n");
          await writer.commit();
        },
        abandon: () => writer.abandon(),
      };
    },
    importing: { format: "label-studio", tasks: requestsOf(labels.own), columns: renamedColumns(labels.own, controlName) },
  };
}
