import { adienceAgeGroups, TensorFaceError } from "../../core/index.ts";
import type { FaceLabels } from "../record.ts";
import { type AgeRange, parseGender } from "../label-words.ts";
import { pathKind } from "../../files/files.node.ts";
import { openTable, type TableRow } from "./csv-rows.node.ts";
import { mappedAdienceAge, strictAdienceAge } from "./adience-ages.ts";
import { layoutError, presentFiles, requireSource } from "./layout.node.ts";
import type { DatasetImporter, FormatOptions, SourceRow } from "./source-row.ts";

const foldCount = 5;
const defaultTestFold = foldCount - 1;

/** Folder, and how a picture's name begins in it. */
const pictureFolders = {
  faces: { folder: "faces", prefix: "coarse_tilt_aligned_face" },
  aligned: { folder: "aligned", prefix: "landmark_aligned_face" },
} as const;

interface Reading {
  readonly pictures: (typeof pictureFolders)[keyof typeof pictureFolders];
  readonly mapped: boolean;
  readonly testFold: number;
}

function readAge(text: string, mapped: boolean): { readonly age?: AgeRange; readonly notes: readonly string[] } {
  const strict = strictAdienceAge(text);
  if (strict !== undefined) return { age: strict, notes: [] };
  if (text === "None" || text === "") return { notes: ["age-not-given"] };
  const nearest = mapped ? mappedAdienceAge(text) : undefined;
  return nearest === undefined ? { notes: ["age-outside-the-groups"] } : { age: nearest, notes: ["age-mapped"] };
}

function readLabels(row: TableRow, mapped: boolean): { readonly labels: FaceLabels; readonly notes: readonly string[] } {
  const { age, notes } = readAge(row.cell("age"), mapped);
  const gender = parseGender(row.cell("gender"));
  return { labels: { ...(age === undefined ? {} : { age }), ...(gender === undefined ? {} : { gender }) }, notes };
}

function readRow(row: TableRow, fold: number, where: string, reading: Reading): SourceRow {
  const user = row.cell("user_id");
  const image = row.cell("original_image");
  const face = row.cell("face_id");
  if (user === "" || image === "" || face === "") {
    return { kind: "rejection", row: where, reason: "malformed-row", detail: "user_id, original_image or face_id is empty" };
  }
  const file = `${reading.pictures.folder}/${user}/${reading.pictures.prefix}.${face}.${image}`;
  const { labels, notes } = readLabels(row, reading.mapped);
  if (labels.age === undefined && labels.gender === undefined) {
    const detail = `age "${row.cell("age")}", gender "${row.cell("gender")}"`;
    return { kind: "rejection", row: where, file, reason: "unlabelled", detail };
  }
  return {
    kind: "face",
    id: `adience/${user}/${face}.${image}`,
    row: where,
    picture: { file },
    labels,
    subjectId: user,
    official: { name: `fold-${fold}`, split: fold === reading.testFold ? "test" : "train", carveValidation: true },
    fold,
    notes,
  };
}

async function* readFolds(names: readonly string[], found: ReadonlyMap<string, string>, reading: Reading): AsyncGenerator<SourceRow> {
  for (const [fold, name] of names.entries()) {
    const path = found.get(name);
    if (path === undefined) {
      yield { kind: "rejection", row: name, reason: "missing-part", detail: `the file of fold ${fold} is not there` };
      continue;
    }
    const table = await openTable(path);
    for await (const row of table.rows) yield readRow(row, fold, `${name} row ${row.number}`, reading);
  }
}

async function choosePictures(source: string, wanted: FormatOptions["pictures"]): Promise<Reading["pictures"]> {
  if (wanted !== undefined) return pictureFolders[wanted];
  return pictureFolders[(await pathKind(`${source}/aligned`)) === "folder" ? "aligned" : "faces"];
}

function checkTestFold(fold: number): number {
  if (Number.isInteger(fold) && fold >= 0 && fold < foldCount) return fold;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `testFold is ${fold}, expected 0 to ${foldCount - 1}`);
}

/** Adience (Eidinger, Enbar, Hassner, IEEE TIFS 2014): five folds disjoint by user, strict or mapped age labels. */
export const adienceImporter: DatasetImporter = {
  format: "adience",
  title: `Adience (Eidinger, Enbar, Hassner, IEEE TIFS 2014), ${adienceAgeGroups.length} age groups`,
  url: "https://talhassner.github.io/home/projects/Adience/Adience-data.html",
  licence: "research, see the page of the dataset",
  async open(source, options) {
    await requireSource(source);
    const names = Array.from({ length: foldCount }, (_, fold) => `fold_${options.frontal === true ? "frontal_" : ""}${fold}_data.txt`);
    const found = await presentFiles(source, names);
    if (found.size === 0) throw layoutError("Adience", source, names.join(", "));
    const reading: Reading = {
      pictures: await choosePictures(source, options.pictures),
      mapped: options.labels === "mapped",
      testFold: checkTestFold(options.testFold ?? defaultTestFold),
    };
    return { root: source, rows: readFolds(names, found, reading) };
  },
};
