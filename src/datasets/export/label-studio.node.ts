import { join } from "node:path";
import { builtInLabels, type TaskDefinition } from "../../core/index.ts";
import { createAtomicWriter, writeInLockedFolder } from "../../files/files.node.ts";
import type { FaceRecord } from "../record.ts";
import { isKnownHeader } from "../import/table-words.ts";
import { type DatasetExporter, type ExportedLabels, renamedColumns, requestsOf } from "./export-format.ts";
import { pictureFolder } from "./picture-folder.ts";

/** A control of the labelling page, and what it says of a face. */
interface Control {
  readonly name: string;
  /** The labels to choose from; absent for a number. */
  readonly choices?: readonly string[];
  readonly isMultiple?: boolean;
  readonly read: (record: FaceRecord) => readonly string[] | number | undefined;
}

function builtInControl(task: "gender" | "mood"): Control {
  return { name: task, choices: builtInLabels[task], read: ({ labels }) => (labels[task] === undefined ? undefined : [labels[task]]) };
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
  return kind === "number" ? { name, read } : { name, choices: labels, isMultiple: kind === "tags", read };
}

function controlsOf({ builtIn, own }: ExportedLabels): readonly Control[] {
  const age: readonly Control[] = [
    { name: "age_low", read: ({ labels }) => labels.age?.low },
    { name: "age_high", read: ({ labels }) => labels.age?.high },
  ];
  return [...builtIn.flatMap((task) => (task === "age" ? age : [builtInControl(task)])), ...own.map(ownControl)];
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

function resultsOf(record: FaceRecord, controls: readonly Control[]): object[] {
  return controls.flatMap(({ name, read }) => {
    const label = read(record);
    if (label === undefined) return [];
    const told = typeof label === "number" ? { type: "number", value: { number: label } } : { type: "choices", value: { choices: label } };
    return [{ from_name: name, to_name: "image", ...told }];
  });
}

function taskOf(record: FaceRecord, controls: readonly Control[], { race, builtIn }: ExportedLabels): object {
  const { file, id, split, subjectId, labels } = record;
  return {
    data: {
      // As its local storage gives files out, from the folder of the export.
      image: `/data/local-files/?d=${file.split("/").map(encodeURIComponent).join("/")}`,
      id,
      split,
      ...(subjectId === undefined ? {} : { subject: subjectId }),
      ...(race && labels.race !== undefined ? { race: labels.race } : {}),
      ...(builtIn.includes("mood") && labels.moodVotes !== undefined ? { mood_votes: labels.moodVotes } : {}),
    },
    annotations: [{ result: resultsOf(record, controls) }],
  };
}

/** Label Studio's tasks with the labels as annotations, `labels.xml` with the interface that shows them, and the pictures. */
export function labelStudioExporter(labels: ExportedLabels): DatasetExporter {
  const controls = controlsOf(labels);
  return {
    folderOf: pictureFolder,
    sharesPictures: true,
    async open(folder) {
      await writeInLockedFolder(join(folder, "labels.xml"), configurationOf(controls));
      const writer = await createAtomicWriter(join(folder, "tasks.json"));
      let before = "[\n";
      return {
        async write(record) {
          await writer.write(before + JSON.stringify(taskOf(record, controls, labels)));
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
