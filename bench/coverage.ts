import { readFile, writeFile } from "node:fs/promises";
import { anyText, flag, readWords } from "../scripts/words.ts";
import { packageVersion } from "../src/files/package.node.ts";
import {
  ageInterval,
  argMax,
  type Conformal,
  createRandom,
  expectedYears,
  groupOfLabel,
  groupOfNumber,
  maximumAge,
  moods,
  type Random,
  shuffled,
  type TaskDefinition,
} from "../src/core/index.ts";
import { fitConformal, type FacePrediction, intervalShareOf, wilsonInterval } from "../src/evaluate/index.ts";
import { findModel } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { openModels, predictSource, toPrediction } from "../src/predict/index.ts";
import { replaceBetweenMarkers } from "./report.ts";

/**
 * How often the age intervals of heads hold the age, by dataset and by age and gender, before and after `tensorface calibrate`; and its sets of
 * moods. With `--write` its tables stand in `docs/lab/intervals.md` afterwards. The datasets are imported ones, in `.data/imported`; what the heads said is kept in
 * `.cache/coverage`.
 *
 *     npm run bench -- coverage [--age HEAD,HEAD] [--mood HEAD,HEAD] [--write]
 */

const ageSets = ["utkface", "appareal", "allagefaces"] as const;
const moodSets = [
  { name: "fer2013", split: "PublicTest", path: "crop" },
  { name: "rafdb", split: "validation", path: "crop" },
  { name: "expw", split: "validation", path: "photo" },
] as const;
const titles: Readonly<Record<string, string>> = {
  utkface: "UTKFace",
  appareal: "APPA-REAL, apparent",
  allagefaces: "All-Age-Faces",
  fer2013: "FER2013",
  rafdb: "RAF-DB",
  expw: "ExpW",
};
/** Halves that are drawn for each row: one calibrates, the other is counted. */
const draws = 200;
/** Cells with fewer faces say too little. */
const smallestCell = 50;

const age: TaskDefinition = { name: "age", kind: "age" };
const mood: TaskDefinition = { name: "mood", kind: "classes", labels: moods };

async function ask(model: string, data: string, split: string, path: "crop" | "photo"): Promise<FacePrediction[]> {
  const { platform, ids } = await openModels([model], packageVersion());
  const never = new AbortController().signal;
  const { faces, systems, predictions } = await predictSource(
    {
      data: `.data/imported/${data}`,
      format: undefined,
      formatOptions: {},
      split,
      models: ids,
      path,
      limit: undefined,
      seed: 1,
      detector: "blazeface",
      device: undefined,
      flipAveraging: undefined,
      predictions: `.cache/coverage/${ids[0]}-${data}-${path}.jsonl`,
    },
    platform,
    { onProgress: () => undefined, stopping: never, now: never },
  );
  return faces.flatMap((face) => {
    const row = predictions.rows.get(face.id);
    return row?.found === true ? [toPrediction(face, row, systems[0]!)] : [];
  });
}

class Count {
  n = 0;
  held = 0;
  size = 0;

  add(isHeld: boolean, size: number): void {
    this.n++;
    this.held += Number(isHeld);
    this.size += size;
  }

  get share(): number {
    return this.held / this.n;
  }

  get meanSize(): number {
    return this.size / this.n;
  }

  /** `81.2 (79.0 to 83.4)`. */
  get words(): string {
    const { low, high } = wilsonInterval(this.share, this.n);
    return `${percent(this.share)} (${percent(low)} to ${percent(high)})`;
  }
}

function percent(share: number): string {
  return (share * 100).toFixed(1);
}

/** Counts one face: by the model's own interval, or by a calibration. */
function countAge(count: Count, face: FacePrediction, conformal?: Conformal): void {
  const { labels, probabilities } = face;
  const told = probabilities.age!;
  const truth = Math.min(labels.age!.low, maximumAge);
  const share = conformal?.kind === "age" ? groupOfNumber(conformal.groups, expectedYears(told)).mass : intervalShareOf(face);
  const { low, high } = ageInterval(told, share);
  count.add(truth >= low && truth <= high, high - low + 1);
}

function countMood(count: Count, face: FacePrediction, conformal: Conformal): void {
  const told = face.probabilities.mood!;
  const best = argMax(told);
  const least = conformal.kind === "classes" ? groupOfLabel(conformal.groups, moods[best]!).probability : 1;
  const set = moods.filter((_, index) => index === best || told[index]! >= least);
  count.add(set.includes(face.labels.mood!), set.length);
}

interface Halves {
  /** Of all draws together. */
  readonly all: Count;
  /** The share that each draw held, ascending. */
  readonly shares: readonly number[];
}

/** Calibrates on one half of the faces and counts on the other, again and again. */
function drawHalves(
  faces: readonly FacePrediction[],
  task: TaskDefinition,
  count: (count: Count, face: FacePrediction, conformal: Conformal) => void,
): Halves {
  const random = createRandom(7);
  const all = new Count();
  const shares = Array.from({ length: draws }, () => {
    const mixed = shuffled([...faces], random);
    const half = Math.floor(mixed.length / 2);
    const { conformal } = fitConformal(mixed.slice(0, half), task, { source: "one half" })!;
    const own = new Count();
    for (const face of mixed.slice(half)) {
      count(own, face, conformal);
      count(all, face, conformal);
    }
    return own.share;
  });
  return { all, shares: shares.toSorted((a, b) => a - b) };
}

function range({ shares }: Halves): string {
  return `${percent(shares[Math.floor(0.05 * shares.length)]!)} to ${percent(shares[Math.floor(0.95 * shares.length)]!)}`;
}

function isExact({ labels: { age: label } }: FacePrediction): boolean {
  return label !== undefined && label.low === label.high;
}

async function ageTables(models: readonly string[]): Promise<string[]> {
  const rows: string[] = [];
  const cells: string[] = [];
  const strangers: string[] = [];
  const thirds: string[] = [];
  for (const model of models) {
    const bySet = new Map<string, readonly FacePrediction[]>();
    for (const set of ageSets) {
      for (const path of ["crop", "photo"] as const) {
        const faces = (await ask(model, set, "validation", path)).filter(isExact);
        const before = new Count();
        for (const face of faces) countAge(before, face);
        const halves = drawHalves(faces, age, countAge);
        rows.push(
          `| ${model} | ${titles[set]}, ${path} | ${before.n} | ${before.words} | ${before.meanSize.toFixed(1)} | ${percent(halves.all.share)} (${range(halves)}) | ${halves.all.meanSize.toFixed(1)} |`,
        );
        if (path === "crop") bySet.set(set, faces);
        else thirds.push(...thirdRows(model, set, faces));
      }
    }
    cells.push(...cellRows(model, bySet));
    strangers.push(...strangerRows(model, bySet));
  }
  return [
    "| head | faces | n | its own intervals hold, % | years | calibrated on one half, the other half held, % (5 to 95 of 100 draws) | years |",
    "| --- | --- | ---: | --- | ---: | --- | ---: |",
    ...rows,
    "",
    "A promise does not travel: the same faces, as crops, with intervals of other faces:",
    "",
    "| head | faces | n | calibrated on the two other sets, % | calibrated on halves of all three together, % |",
    "| --- | --- | ---: | --- | --- |",
    ...strangers,
    "",
    "By thirds of what the picture allows and of how far the answer itself is spread, found and cut out by the detector:",
    "",
    "| head | faces | by | its own intervals hold, %: least | middle | most | calibrated on its set, %: least | middle | most |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...thirds,
    "",
    `By true age and gender, as crops, the sets that tell a gender together; cells with ${smallestCell} faces or more:`,
    "",
    "| head | faces | n | its own intervals hold, % | calibrated on its set, % |",
    "| --- | --- | ---: | --- | ---: |",
    ...cells,
  ];
}

/** What intervals of other faces hold: of the other sets, and of a half of each set together, counted on the other half. */
function strangerRows(model: string, bySet: ReadonlyMap<string, readonly FacePrediction[]>): string[] {
  const random = createRandom(13);
  const mixed = new Map([...bySet].map(([set, faces]) => [set, shuffled([...faces], random)]));
  const half = (faces: readonly FacePrediction[]): number => Math.floor(faces.length / 2);
  const together = [...mixed.values()].flatMap((faces) => faces.slice(0, half(faces)));
  const ofAll = fitConformal(together, age, { source: "halves of all" })!.conformal;
  return [...mixed].map(([set, faces]) => {
    const others = [...mixed].flatMap(([name, own]) => (name === set ? [] : own));
    const ofOthers = fitConformal(others, age, { source: "others" })!.conformal;
    const [stranger, joint] = [new Count(), new Count()];
    for (const face of faces) countAge(stranger, face, ofOthers);
    for (const face of faces.slice(half(faces))) countAge(joint, face, ofAll);
    return `| ${model} | ${titles[set]} | ${faces.length} | ${stranger.words} | ${joint.words} |`;
  });
}

/** What an interval could be made wider for. */
const reasons: readonly { readonly name: string; readonly of: (face: FacePrediction) => number }[] = [
  { name: "size of the face", of: ({ attributes }) => attributes.faceSize ?? Number.NaN },
  { name: "sharpness", of: ({ attributes }) => attributes.sharpness ?? Number.NaN },
  { name: "brightness", of: ({ attributes }) => attributes.brightness ?? Number.NaN },
  { name: "years of its own interval", of: yearsOf },
];

function yearsOf(face: FacePrediction): number {
  const { low, high } = ageInterval(face.probabilities.age!, intervalShareOf(face));
  return high - low;
}

/** How often intervals hold in each third of the faces, by each reason. */
function thirdRows(model: string, set: string, faces: readonly FacePrediction[]): string[] {
  const calibrations = crossCalibrations(faces, createRandom(11));
  return reasons.map(({ name, of }) => {
    const sorted = faces.toSorted((a, b) => of(a) - of(b));
    const counts = [0, 1, 2].map((third) => {
      const [own, calibrated] = [new Count(), new Count()];
      for (const face of sorted.slice(Math.floor((third * sorted.length) / 3), Math.floor(((third + 1) * sorted.length) / 3))) {
        countAge(own, face);
        countAge(calibrated, face, calibrations.get(face));
      }
      return { own: own.words, calibrated: calibrated.words };
    });
    const cells = [...counts.map(({ own }) => own), ...counts.map(({ calibrated }) => calibrated)];
    return `| ${model} | ${titles[set]} | ${name} | ${cells.join(" | ")} |`;
  });
}

/** For each face the calibration by the half of its set in which it is not. */
function crossCalibrations(faces: readonly FacePrediction[], random: Random): ReadonlyMap<FacePrediction, Conformal> {
  const mixed = shuffled([...faces], random);
  const half = Math.floor(mixed.length / 2);
  const [first, second] = [mixed.slice(0, half), mixed.slice(half)];
  const fit = (fitted: readonly FacePrediction[]): Conformal => fitConformal(fitted, age, { source: "one half" })!.conformal;
  const [ofFirst, ofSecond] = [fit(first), fit(second)];
  return new Map([...first.map((face) => [face, ofSecond] as const), ...second.map((face) => [face, ofFirst] as const)]);
}

/** Each set is calibrated by one half of its faces and counted by the other, and the other way round. */
function cellRows(model: string, bySet: ReadonlyMap<string, readonly FacePrediction[]>): string[] {
  const random = createRandom(11);
  const cells = new Map<string, { readonly own: Count; readonly calibrated: Count }>();
  for (const faces of bySet.values()) {
    for (const [face, conformal] of crossCalibrations(faces, random)) {
      const { age: label, gender } = face.labels;
      if (gender === undefined) continue;
      const decade = Math.min(70, Math.floor(label!.low / 10) * 10);
      const name = `${String(decade).padStart(2, "0")} ${gender}`;
      const cell = cells.get(name) ?? { own: new Count(), calibrated: new Count() };
      cells.set(name, cell);
      countAge(cell.own, face);
      countAge(cell.calibrated, face, conformal);
    }
  }
  return [...cells]
    .filter(([, { own }]) => own.n >= smallestCell)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { own, calibrated }]) => {
      const [decade = "", gender] = name.split(" ");
      const years = decade === "70" ? "70 and over" : `${Number(decade)} to ${Number(decade) + 9}`;
      return `| ${model} | ${years}, ${gender} | ${own.n} | ${own.words} | ${calibrated.words} |`;
    });
}

async function moodTable(models: readonly string[]): Promise<string[]> {
  const rows: string[] = [];
  for (const model of models) {
    for (const { name, split, path } of moodSets) {
      const faces = (await ask(model, name, split, path)).filter(({ labels }) => labels.mood !== undefined);
      const alone = new Count();
      for (const face of faces) alone.add(moods[argMax(face.probabilities.mood!)] === face.labels.mood, 1);
      const halves = drawHalves(faces, mood, countMood);
      rows.push(
        `| ${model} | ${titles[name]}, ${path} | ${faces.length} | ${alone.words} | ${percent(halves.all.share)} (${range(halves)}) | ${halves.all.meanSize.toFixed(2)} |`,
      );
    }
  }
  return [
    "| head | faces | n | one label is right, % | sets hold, % (5 to 95 of 100 draws) | labels in a set |",
    "| --- | --- | ---: | --- | --- | ---: |",
    ...rows,
  ];
}

const { values } = readWords("npm run bench -- coverage", { age: anyText("age-gender"), mood: anyText("mood"), write: flag });
const manifests = await openModelFolders().manifests();
/** The heads that are named, each by its id or its manifest's path: a row stays true when a newer head takes the name. */
const headsOf = (names: string): string[] =>
  names.split(",").map((name) => (name.endsWith(".json") ? name : findModel(manifests, name).id));
const lines = [
  `Validation faces that were found; ${draws} halves drawn, seeded.`,
  "",
  ...(await ageTables(headsOf(values.age))),
  "",
  ...(await moodTable(headsOf(values.mood))),
];
const page = new URL("../docs/lab/intervals.md", import.meta.url);
if (values.write) await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), lines.join("\n"), "coverage"));
console.log(lines.join("\n"));
