import { basename } from "node:path";
import { parseAge, parseGender, restoreSpreadsheetRange } from "../label-words.ts";
import { openTable, type TableRow } from "./csv-rows.node.ts";
import { layoutError, presentFiles, requireSource, stem } from "./layout.node.ts";
import type { DatasetImporter, OfficialPart, SourceRow } from "./source-row.ts";

/** The label files by the part they describe, in the order they are read. FairFace's "val" is what the field tests on. */
const parts: readonly { readonly file: string; readonly part: OfficialPart }[] = [
  { file: "fairface_label_train.csv", part: { name: "train", split: "train", carveValidation: true } },
  { file: "fairface_label_val.csv", part: { name: "val", split: "test", carveValidation: false } },
];

function readRow(row: TableRow, where: string, official: OfficialPart): SourceRow {
  const file = row.cell("file");
  if (file === "") return { kind: "rejection", row: where, reason: "malformed-row", detail: "the column file is empty" };
  const written = row.cell("age");
  const restored = restoreSpreadsheetRange(written);
  const age = parseAge(restored);
  const gender = parseGender(row.cell("gender"));
  if (age === undefined || gender === undefined) {
    return { kind: "rejection", row: where, file, reason: "unknown-label", detail: `age "${written}", gender "${row.cell("gender")}"` };
  }
  const race = row.cell("race");
  return {
    kind: "face",
    id: `fairface/${stem(file)}`,
    row: where,
    picture: { file },
    labels: { age, gender, ...(race === "" ? {} : { race }) },
    official,
    notes: restored === written ? [] : ["age-spreadsheet-date"],
  };
}

async function* readParts(found: ReadonlyMap<string, string>): AsyncGenerator<SourceRow> {
  for (const { file, part } of parts) {
    const path = found.get(file);
    if (path === undefined) {
      yield { kind: "rejection", row: file, reason: "missing-part", detail: `the labels of the part "${part.name}" are not there` };
      continue;
    }
    const table = await openTable(path);
    for await (const row of table.rows) yield readRow(row, `${basename(path)} row ${row.number}`, part);
  }
}

/** FairFace (Karkkainen and Joo, WACV 2021) in its published layout, with the training labels, the validation labels or both. */
export const fairfaceImporter: DatasetImporter = {
  format: "fairface",
  title: "FairFace (Karkkainen and Joo, WACV 2021)",
  url: "https://github.com/joojs/fairface",
  licence: "CC BY 4.0",
  async open(source) {
    await requireSource(source);
    const found = await presentFiles(
      source,
      parts.map(({ file }) => file),
    );
    if (found.size === 0) throw layoutError("FairFace", source, parts.map(({ file }) => file).join(" or "));
    return { root: source, rows: readParts(found) };
  },
};
