import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isBuiltInTask, TensorFaceError } from "../../core/index.ts";
import { labelOf } from "../counts.ts";
import { isNoTagWord } from "../import/table-words.ts";
import type { FaceRecord } from "../record.ts";
import { ageWord, type DatasetExporter, type ExportedLabels, requestsOf } from "./export-format.ts";
import { safeName } from "./picture-names.ts";

/** Most disks take names of so many bytes. */
const longestName = 255;

/** A label or a subject as the name of a folder; another spelling would be another label when it is read again. */
function folderName(what: string, word: string): string {
  if (word === safeName(word) && word !== "__MACOSX" && Buffer.byteLength(word) <= longestName) return word;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${what} ${JSON.stringify(word)} cannot name a folder on every system`, {
    hint: "Export as csv or jsonl, which hold every label as it is.",
  });
}

/** The class folder's name for a face that has a label of the task. */
function className({ labels }: FaceRecord, task: string): string {
  if (task === "age") return ageWord(labels.age!);
  const label = labelOf(labels, task);
  if (!Array.isArray(label)) return String(label);
  const odd = label.find((tag) => tag.includes("+") || (label.length === 1 && isNoTagWord(tag)));
  if (odd !== undefined) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `the tag "${odd}" of ${task} cannot stand in a folder's name: it would be read as something else`,
      {
        hint: "Export as jsonl, which holds every label as it is.",
      },
    );
  }
  return label.join("+") || "none";
}

/** `train/happy/ann/1.jpg`: folders by split, class and, where it is known, subject, as `dataset import folder` reads them. */
export function foldersExporter({ own }: ExportedLabels, task: string): DatasetExporter {
  return {
    folderOf(record) {
      const { split, subjectId } = record;
      const label = folderName(`the label of ${task},`, className(record, task));
      return [split, label, ...(subjectId === undefined ? [] : [folderName("the subject", subjectId)])].join("/");
    },
    sharesPictures: false,
    lacks: ["age_deviation", "mood_votes"],
    async open(folder) {
      // Where there is no such folder, an import would take validation faces out of the training ones.
      await mkdir(join(folder, "validation"));
      const nothing = (): Promise<void> => Promise.resolve();
      return { write: nothing, commit: nothing, abandon: nothing };
    },
    importing: { format: "folder", tasks: isBuiltInTask(task) ? [{ name: task }] : requestsOf(own) },
  };
}
