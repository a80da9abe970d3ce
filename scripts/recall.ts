/**
 * Recall and false alarms of the detectors and of the rivals, on mosaics whose faces are known.
 *
 *   npm run bench -- recall [--faces DIR] [--face-part 0.6] [--count 100] [--finders blazeface,ssd,dlib,human,face-api] [--out FILE.json]
 *
 * Without --faces the mosaics are made from examples/astronaut.png. --face-part is the part of a picture's side that its face
 * takes from hairline to chin: 0.62 for FairFace (padding 0.25), 0.75 for UTKFace.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type BoundingBox, createRandom } from "../src/core/index.ts";
import { conditions } from "./recall/conditions.ts";
import { makeCut } from "./recall/cuts.ts";
import { type Finder, finderNames, loadFinder } from "./recall/finders.ts";
import {
  type Condition,
  facesPerMosaic,
  type FacePicture,
  type KnownFace,
  loadFolder,
  loadPortrait,
  makeMosaic,
  type Mosaic,
} from "./recall/mosaic.ts";
import { anyNumber, anyText, readWords, someOf, wholeNumber } from "./words.ts";

const seed = 20_261_124;

interface Tally {
  readonly condition: string;
  readonly finder: string;
  readonly faces: number;
  readonly found: number;
  readonly falseAlarms: number;
  readonly mosaics: number;
}

const { values } = readWords("npm run bench -- recall", {
  faces: anyText(),
  "face-part": anyNumber(0.62),
  count: wholeNumber(100),
  finders: someOf(finderNames),
  out: anyText(),
});
const random = createRandom(seed);
const { count } = values;
const portrait = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));
const pictures =
  values.faces === undefined
    ? await loadPortrait(portrait)
    : await loadFolder(values.faces, values["face-part"], count, random.fork("sample"));
const finders = await Promise.all(values.finders.map(loadFinder));

const tallies: Tally[] = [];
const sets = conditions.map(({ name }, index) => ({ name, make: async () => makeMosaics(conditions[index]!) }));
// Cuts show the portrait alone, so they belong to its table.
if (values.faces === undefined) sets.push({ name: "large cuts", make: makeCuts });
for (const { name, make } of sets) {
  const mosaics = await make();
  for (const finder of finders) tallies.push(await measure(finder, name, mosaics));
  console.error(name);
}
console.log(toMarkdown(tallies));
if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify({ seed, tallies }, undefined, 2)}\n`);
process.exit(0);

/** As many mosaics as it takes to show every picture once. */
async function makeMosaics(condition: Condition): Promise<Mosaic[]> {
  const perMosaic = facesPerMosaic(condition.size);
  const mosaics = perMosaic === 0 ? 10 : Math.ceil(count / perMosaic);
  return Promise.all(
    Array.from({ length: mosaics }, async (_, index) => {
      const chosen = Array.from({ length: Math.min(perMosaic, count - index * perMosaic) }, (_, face) =>
        pictureAt(index * perMosaic + face),
      );
      return makeMosaic(chosen, condition, random.fork(`${condition.name} ${index}`));
    }),
  );
}

async function makeCuts(): Promise<Mosaic[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => makeCut(portrait, random.fork(`cut ${index}`))));
}

function pictureAt(index: number): FacePicture {
  return pictures[index % pictures.length]!;
}

async function measure(finder: Finder, condition: string, mosaics: readonly Mosaic[]): Promise<Tally> {
  let [faces, found, falseAlarms] = [0, 0, 0];
  for (const mosaic of mosaics) {
    const boxes = await finder.find(mosaic.image);
    const hits = mosaic.faces.filter((face) => boxes.some((box) => shows(box, face))).length;
    faces += mosaic.faces.length;
    found += hits;
    falseAlarms += boxes.length - hits;
  }
  return { condition, finder: finder.name, faces, found, falseAlarms, mosaics: mosaics.length };
}

/** Boxes differ in what they hold (hair, chin, a margin): the middle must be right and the size within a factor of 2.5. */
function shows(box: BoundingBox, face: KnownFace): boolean {
  const side = Math.max(box.width, box.height);
  const distance = Math.hypot(box.x + box.width / 2 - face.centre.x, box.y + box.height / 2 - face.centre.y);
  return distance < face.size / 2 && side > face.size / 2.5 && side < face.size * 2.5;
}

/** One row for each condition: recall, and false alarms in brackets where there are some. */
function toMarkdown(tallies: readonly Tally[]): string {
  const names = [...new Set(tallies.map(({ finder }) => finder))];
  const rows = sets.map(({ name }) => {
    const row = tallies.filter(({ condition }) => condition === name);
    return `| ${name} | ${row[0]!.faces} | ${row.map(describe).join(" | ")} |`;
  });
  return [
    `| faces | n | ${names.join(" | ")} |`,
    `| --- | --: | ${names.map(() => "--:").join(" | ")} |`,
    ...rows,
    // Mosaics alone: cuts have one large face each.
    total(
      tallies.filter((tally) => conditions.some(({ name }) => name === tally.condition)),
      names,
    ),
  ].join("\n");
}

function describe({ faces, found, falseAlarms, mosaics }: Pick<Tally, "faces" | "found" | "falseAlarms" | "mosaics">): string {
  if (faces === 0) return `${falseAlarms} false in ${mosaics}`;
  return `${((100 * found) / faces).toFixed(0)} %${falseAlarms === 0 ? "" : ` (${falseAlarms} false)`}`;
}

function total(tallies: readonly Tally[], names: readonly string[]): string {
  const sums = names.map((name) => {
    const rows = tallies.filter(({ finder }) => finder === name);
    const sum = (key: "faces" | "found" | "falseAlarms" | "mosaics"): number => rows.reduce((total, row) => total + row[key], 0);
    return { faces: sum("faces"), found: sum("found"), falseAlarms: sum("falseAlarms"), mosaics: sum("mosaics") };
  });
  return `| **all** | ${sums[0]!.faces} | ${sums.map((sum) => `**${describe(sum)}**`).join(" | ")} |`;
}
