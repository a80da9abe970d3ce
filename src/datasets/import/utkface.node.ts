import { genders } from "../../core/index.ts";
import type { FaceLabels } from "../record.ts";
import { isPictureName, layoutError, requireSource, stem, walkPictures } from "./layout.node.ts";
import type { DatasetImporter, SourceRow } from "./source-row.ts";

/** In the order of UTKFace's codes 0 to 4. */
const races = ["White", "Black", "Asian", "Indian", "Others"] as const;
/** UTKFace's gender codes: 0 male, 1 female. */
const genderOfCode = [genders[1], genders[0]] as const;

/** `[age]_[gender]_[race]_[date]`; three published names lack the race, a few lack a dot or have a blank before it. */
const namePattern = /^(\d{1,3})_([01])_(?:([0-4])_)?(\d{8,20})\s*\.?jpg/i;

interface ParsedName {
  readonly labels: FaceLabels;
  readonly notes: readonly string[];
}

/** The labels in a UTKFace file name; `undefined` where it does not hold an age, a gender and a date. */
export function parseUtkFaceName(name: string): ParsedName | undefined {
  const match = namePattern.exec(name);
  if (match === null) return undefined;
  const years = Number(match[1]);
  const gender = genderOfCode[Number(match[2])];
  const race = match[3] === undefined ? undefined : races[Number(match[3])];
  if (gender === undefined || years > 150) return undefined;
  return {
    labels: { age: { low: years, high: years }, gender, ...(race === undefined ? {} : { race }) },
    notes: race === undefined ? ["race-missing-in-name"] : [],
  };
}

function readName(file: string): SourceRow {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const parsed = parseUtkFaceName(name);
  if (parsed === undefined) {
    return { kind: "rejection", row: file, file, reason: "malformed-name", detail: "expected [age]_[gender]_[race]_[date].jpg" };
  }
  return { kind: "face", id: `utkface/${stem(file)}`, row: file, picture: { file }, ...parsed };
}

async function* readNames(source: string): AsyncGenerator<SourceRow> {
  for await (const file of walkPictures(source)) yield readName(file);
}

async function looksRight(source: string): Promise<boolean> {
  let seen = 0;
  for await (const file of walkPictures(source)) {
    if (parseUtkFaceName(file.slice(file.lastIndexOf("/") + 1)) !== undefined) return true;
    if (++seen >= 1000) return false;
  }
  return false;
}

/** UTKFace (Zhang, Song, Qi, CVPR 2017): labels in file names, in the aligned or the in-the-wild folders. */
export const utkfaceImporter: DatasetImporter = {
  format: "utkface",
  title: "UTKFace (Zhang, Song, Qi, CVPR 2017)",
  url: "https://susanqq.github.io/UTKFace/",
  licence: "non-commercial research",
  async open(source) {
    const kind = await requireSource(source);
    if (kind === "file" || isPictureName(source) || !(await looksRight(source))) {
      throw layoutError("UTKFace", source, "pictures named [age]_[gender]_[race]_[date].jpg");
    }
    return { root: source, rows: readNames(source) };
  },
};
