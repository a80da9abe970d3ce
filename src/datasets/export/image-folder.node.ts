import { join } from "node:path";
import { type AtomicWriter, createAtomicWriter } from "../../files/files.node.ts";
import { isKnownHeader } from "../import/table-words.ts";
import type { FaceRecord, Split } from "../record.ts";
import { type DatasetExporter, type ExportedLabels, moodOfVotes, renamedColumns, requestsOf, votedMood } from "./export-format.ts";

const tableName = "metadata.jsonl";
/** Boxes of several objects stand in a field of that name. */
const objectsField = "objects";

/** A face's line; every line has the same fields, `null` where nothing is known, so that each becomes a column. */
function rowOf(record: FaceRecord, { builtIn, own, race, beside }: ExportedLabels): Record<string, unknown> {
  const { file, id, subjectId, labels } = record;
  return {
    file_name: file.slice(file.indexOf("/") + 1),
    id,
    subject: subjectId ?? null,
    ...(builtIn.includes("age") ? { age_low: labels.age?.low ?? null, age_high: labels.age?.high ?? null } : {}),
    ...(beside.includes("age_deviation") ? { age_deviation: labels.age?.deviation ?? null } : {}),
    ...(builtIn.includes("gender") ? { gender: labels.gender ?? null } : {}),
    ...(builtIn.includes("mood") ? { mood: labels.mood ?? null, mood_votes: labels.moodVotes ?? null } : {}),
    ...(beside.includes("mood_votes") ? { [moodOfVotes]: votedMood(labels) ?? null } : {}),
    ...(race ? { race: labels.race ?? null } : {}),
    ...Object.fromEntries(own.map(({ name }) => [fieldOf(name), labels.attributes?.[name] ?? null])),
  };
}

/** The field of a task that is not built in: its name, but for those that mean something else. */
function fieldOf(name: string): string {
  // No task has a colon in its name.
  return isKnownHeader(name) || name === objectsField ? `own:${name}` : name;
}

/** Hugging Face's `imagefolder`: a folder for each split, and in it `metadata.jsonl` with the name and the labels of every picture. */
export function imageFolderExporter(labels: ExportedLabels): DatasetExporter {
  const { own } = labels;
  return {
    folderOf: ({ split }) => split,
    sharesPictures: false,
    lacks: [],
    async open(folder) {
      const writers = new Map<Split, AtomicWriter>();
      const writerOf = async (split: Split): Promise<AtomicWriter> => {
        const writer = writers.get(split) ?? (await createAtomicWriter(join(folder, split, tableName)));
        writers.set(split, writer);
        return writer;
      };
      return {
        write: async (record) => (await writerOf(record.split)).write(`${JSON.stringify(rowOf(record, labels))}\n`),
        async commit() {
          for (const writer of writers.values()) await writer.commit();
        },
        async abandon() {
          for (const writer of writers.values()) await writer.abandon();
        },
      };
    },
    importing: { format: "imagefolder", tasks: requestsOf(own), columns: renamedColumns(own, ({ name }) => fieldOf(name)) },
  };
}
