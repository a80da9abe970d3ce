import { join } from "node:path";
import { builtInLabels, isBuiltInTask, TensorFaceError } from "../../core/index.ts";
import { writeInLockedFolder } from "../../files/files.node.ts";
import { labelOf } from "../counts.ts";
import type { FaceRecord, Split } from "../record.ts";
import { labelsInOrder } from "../tasks.ts";
import { ageWord, type DatasetExporter, type ExportedLabels, moodOfVotes, requestsOf, votedMood } from "./export-format.ts";

/** What COCO's file of a split holds of its faces; numbers count from 1. */
interface SplitFile {
  readonly images: object[];
  readonly annotations: object[];
}

/** The categories of a face: one, or one for each tag. */
function categoriesOf({ labels }: FaceRecord, task: string): readonly string[] {
  if (task === "age") return labels.age === undefined ? [] : [ageWord(labels.age)];
  const label = labelOf(labels, task);
  if (Array.isArray(label)) return label;
  return label === undefined ? [] : [String(label)];
}

/** @throws {TF_INVALID_ARGUMENT} for a task of numbers */
function knownCategories({ own }: ExportedLabels, task: string): readonly string[] {
  if (task === "gender" || task === "mood") return builtInLabels[task];
  const found = own.find(({ name }) => name === task);
  if (found?.kind !== "number") return found?.labels ?? [];
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `the labels of ${task} are numbers, and COCO has categories`, {
    hint: "Export as csv, jsonl or imagefolder.",
  });
}

/** The number of each category: those of the task first, ages as they occur, in their order. */
function numberCategories(known: readonly string[], found: ReadonlySet<string>): ReadonlyMap<string, number> {
  const others = labelsInOrder([...found].filter((name) => !known.includes(name)));
  return new Map([...known, ...others].map((name, index) => [name, index + 1]));
}

/**
 * COCO's layout: `train/` with pictures, `annotations/instances_train.json` with a box and a category for each face. A dataset's picture is
 * a face's own, so the box is the whole picture.
 */
export function cocoExporter(labels: ExportedLabels, task: string): DatasetExporter {
  const known = knownCategories(labels, task);
  const { title, licence, url } = labels.info;
  return {
    folderOf: ({ split }) => split,
    sharesPictures: false,
    lacks: [],
    open(folder) {
      const records = new Map<Split, FaceRecord[]>();
      const found = new Set<string>();
      const write = (record: FaceRecord): Promise<void> => {
        for (const name of categoriesOf(record, task)) found.add(name);
        const faces = records.get(record.split) ?? [];
        faces.push(record);
        records.set(record.split, faces);
        return Promise.resolve();
      };
      const commit = async (): Promise<void> => {
        const numbers = numberCategories(known, found);
        const shared = {
          info: { description: title, ...(url === undefined ? {} : { url }) },
          licenses: [{ id: 1, name: licence, url: url ?? "" }],
          categories: [...numbers].map(([name, id]) => ({ id, name, supercategory: task })),
        };
        for (const [split, faces] of records) {
          const text = JSON.stringify({ ...shared, ...describeSplit(faces, task, numbers) });
          await writeInLockedFolder(join(folder, "annotations", `instances_${split}.json`), `${text}\n`);
        }
      };
      return Promise.resolve({ write, commit, abandon: () => Promise.resolve() });
    },
    importing: { format: "coco", tasks: isBuiltInTask(task) ? [{ name: task }] : requestsOf(labels.own) },
  };
}

/** What COCO has no field for. */
function attributesOf({ id, subjectId, labels }: FaceRecord): object {
  const { age, moodVotes } = labels;
  return {
    id,
    ...(subjectId === undefined ? {} : { subject: subjectId }),
    ...(age?.deviation === undefined ? {} : { age_deviation: age.deviation }),
    ...(moodVotes === undefined ? {} : { mood_votes: moodVotes, [moodOfVotes]: votedMood(labels) }),
  };
}

function describeSplit(faces: readonly FaceRecord[], task: string, numbers: ReadonlyMap<string, number>): SplitFile {
  const described: SplitFile = { images: [], annotations: [] };
  for (const [index, record] of faces.entries()) {
    const { file, width, height } = record;
    const image = index + 1;
    const attributes = attributesOf(record);
    // Also here: a face without any tag has no annotation.
    described.images.push({ id: image, file_name: file.slice(file.indexOf("/") + 1), width, height, license: 1, attributes });
    for (const name of categoriesOf(record, task)) {
      described.annotations.push({
        id: described.annotations.length + 1,
        image_id: image,
        category_id: numbers.get(name),
        bbox: [0, 0, width, height],
        area: width * height,
        iscrowd: 0,
        attributes,
      });
    }
  }
  return described;
}
