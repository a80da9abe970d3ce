/**
 * Fits the age intervals of a model to what it sees of each face, and writes them into its file as one more output: what an interval leaves out on either side.
 *
 *     node scripts/fit-intervals.ts models/age-gender-10.json utkface appareal allagefaces
 *
 * The sets are imported ones with exact ages, in `.data/imported`. Their training parts teach how the kinds of pictures look, since the network's own errors there are smaller than on faces that
 * it has not seen; their validation parts, as crops and as photographs, say how far the ages are off. How the intervals of one half hold the other half, and those
 * of other sets a set, is written into `docs/lab/intervals.md`. `--dry` leaves the model as it is.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceBetweenMarkers } from "../bench/report.ts";
import { ageInterval, createRandom, shuffled, softmax } from "../src/core/index.ts";
import { wilsonInterval } from "../src/evaluate/index.ts";
import { applyHead, type FeatureMatrix, finishHead, fitSoftmax, type LinearHead, prepareExamples } from "../src/features/index.ts";
import { encodeModel, exposeFeatures } from "../src/graph/index.ts";
import { type HeadManifest, headManifestSchema } from "../src/models/index.ts";
import { type FaceRequest, readFaces, readGraph, type SeenFace, writeSeer } from "./intervals/faces.ts";
import { type AgedFace, fitTails } from "./intervals/fit.ts";
import { type KindLayer, withTails } from "./intervals/graph.ts";
import { type TailLines, tailsOf } from "./intervals/tails.ts";
import { flag, readWords } from "./words.ts";

const { values, operands } = readWords(
  "node scripts/fit-intervals.ts",
  { dry: flag },
  { operands: ["MANIFEST", "SET", "SET"], more: "SET" },
);
const path = operands[0]!;
const sets = operands.slice(1);

/** Training faces of each set that teach its kind, as the set cuts them and as the detector does. */
const kindFaces = [
  { path: "crop", limit: 3000 },
  { path: "photo", limit: 800 },
] as const;
/** What squared weights count where kinds are learnt. */
const kindRidge = 1e-3;
/** Of cells with fewer faces no single one counts for more. */
const fewestInCell = 5;
const draws = 50;
/** Cells of age and gender with fewer faces say too little. */
const smallestCell = 100;

const manifest = headManifestSchema.parse(JSON.parse(readFileSync(path, "utf8")));
const graph = readGraph(dirname(path), manifest);
const seer = writeSeer(graph, manifest, join(".cache", "intervals"));
const learnt = new Map<string, readonly SeenFace[]>();
for (const set of sets) {
  const faces: SeenFace[] = [];
  for (const part of kindFaces) faces.push(...(await readFaces(seer, { set, split: "train", ...part })));
  learnt.set(set, faces);
}

interface HeldFace extends SeenFace {
  readonly age: number;
  readonly set: string;
  readonly path: FaceRequest["path"];
}

const held: HeldFace[] = [];
for (const set of sets) {
  for (const way of ["crop", "photo"] as const) {
    const faces = await readFaces(seer, { set, split: "validation", path: way });
    held.push(...faces.flatMap((face) => (face.age === undefined ? [] : [{ ...face, age: face.age, set, path: way }])));
  }
}

const kinds = fitKinds(sets);
const halves = judgeHalves();
const table = [...halves, "", ...judgeStrangers()].join("\n");
console.log(table);
if (!values.dry) {
  const page = new URL("../docs/lab/intervals.md", import.meta.url);
  writeFileSync(page, replaceBetweenMarkers(readFileSync(page, "utf8"), table, "tails"));
  writeModel(fit(held, sets, kinds));
}

/** Learns how the pictures of each set look. */
function fitKinds(names: readonly string[]): LinearHead {
  const faces = names.flatMap((set, kind) => learnt.get(set)!.map(({ features }) => ({ features, kind })));
  const rows = Int32Array.from(faces.keys());
  const examples = prepareExamples(matrixOf(faces), rows);
  const labels = Int32Array.from(faces, ({ kind }) => kind);
  return finishHead(fitSoftmax({ examples, rows, labels, classes: names.length, ridge: kindRidge, tolerance: 1e-6 }), examples);
}

function matrixOf(faces: readonly Pick<SeenFace, "features">[]): FeatureMatrix {
  const columns = faces[0]!.features.length;
  const data = new Float32Array(faces.length * columns);
  for (const [row, { features }] of faces.entries()) data.set(features, row * columns);
  return { rows: faces.length, columns, data };
}

/** Faces as the fit takes them: each set counts alike, and in it the rare ages of each gender for more than their number. */
function aged(faces: readonly HeldFace[], names: readonly string[], head: LinearHead): AgedFace[] {
  const features = matrixOf(faces);
  const countBy = (keyOf: (face: HeldFace) => string): ((face: HeldFace) => number) => {
    const counts = new Map<string, number>();
    for (const face of faces) counts.set(keyOf(face), (counts.get(keyOf(face)) ?? 0) + 1);
    return (face) => counts.get(keyOf(face))!;
  };
  const inSet = countBy(({ set }) => set);
  const inCell = countBy(({ set, gender, age }) => `${set} ${gender} ${Math.min(7, Math.floor(age / 10))}`);
  return faces.map((face, row) => {
    const { distribution, female, age, set } = face;
    const share = 1 / inSet(face);
    const weight = share * Math.sqrt(inSet(face) / Math.max(inCell(face), fewestInCell));
    return { kinds: [...softmax(applyHead(head, features, row))], distribution, female, age, set: names.indexOf(set), share, weight };
  });
}

function fit(faces: readonly HeldFace[], names: readonly string[], head: LinearHead): TailLines {
  return fitTails(aged(faces, names, head));
}

interface Judged {
  readonly face: HeldFace;
  readonly isHeld: boolean;
  readonly years: number;
}

function judge(lines: TailLines, faces: readonly HeldFace[], names: readonly string[], head: LinearHead): Judged[] {
  return aged(faces, names, head).map((face, index) => {
    const { low, high } = ageInterval(face.distribution, tailsOf(lines, face));
    return { face: faces[index]!, isHeld: face.age >= low && face.age <= high, years: high - low + 1 };
  });
}

/** One half of the people fits, the other is counted, and the other way round, again and again. */
function judgeHalves(): string[] {
  const random = createRandom(1);
  const subjects = [...new Set(held.map(({ subject }) => subject))];
  const rounds: Judged[][] = [];
  for (let draw = 0; draw < draws; draw++) {
    const first = new Set(shuffled([...subjects], random).slice(0, Math.floor(subjects.length / 2)));
    for (const isFirst of [true, false]) {
      const [fitted, others] = [true, false].map((mine) => held.filter(({ subject }) => (first.has(subject) === isFirst) === mine));
      rounds.push(judge(fit(fitted!, sets, kinds), others!, sets, kinds));
    }
  }
  const parts = sets.flatMap((set) => (["crop", "photo"] as const).map((way) => ({ set, way })));
  const rows = parts.map(({ set, way }) => {
    const each = rounds.map((round) => round.filter(({ face }) => face.set === set && face.path === way));
    const shares = each.map(shareOf).toSorted((a, b) => a - b);
    const [low, high] = [0.05, 0.95].map((share) => percent(shares[Math.floor(share * shares.length)]!));
    const n = held.filter((face) => face.set === set && face.path === way).length;
    return `| ${set}, ${way} | ${n} | ${percent(shareOf(each.flat()))} (${low} to ${high}) | ${yearsOf(each.flat()).toFixed(1)} |`;
  });
  return [
    `One half of the people fits, the other half is counted (${2 * draws} halves; 5 to 95 of 100 halves in brackets):`,
    "",
    "| faces | n | held, % | years |",
    "| --- | ---: | --- | ---: |",
    ...rows,
    "",
    `By true age and gender, as crops; cells with ${smallestCell} faces or more:`,
    "",
    "| faces | n | held, % |",
    "| --- | ---: | --- |",
    ...cellRows(rounds.flat().filter(({ face }) => face.path === "crop")),
  ];
}

function cellRows(judged: readonly Judged[]): string[] {
  const cells = Map.groupBy(
    judged.filter(({ face }) => face.gender !== undefined),
    ({ face: { age, gender } }) => `${Math.floor(Math.min(age, 79) / 10) * 10} ${gender}`,
  );
  return [...cells]
    .map(([name, own]) => ({ name, own, n: new Set(own.map(({ face }) => face.id)).size }))
    .filter(({ n }) => n >= smallestCell)
    .toSorted((a, b) => Number.parseInt(a.name, 10) - Number.parseInt(b.name, 10) || (a.name < b.name ? -1 : 1))
    .map(({ name, own, n }) => {
      const { low, high } = wilsonInterval(shareOf(own), n);
      const [decade, gender] = name.split(" ");
      return `| ${decade} to ${Number(decade) + 9}, ${gender} | ${n} | ${percent(shareOf(own))} (${percent(low)} to ${percent(high)}) |`;
    });
}

/** What a set that the fit never saw would get. */
function judgeStrangers(): string[] {
  const rows = sets.map((set) => {
    const others = sets.filter((name) => name !== set);
    const head = fitKinds(others);
    const fitted = held.filter((face) => face.set !== set);
    const judged = judge(
      fit(fitted, others, head),
      held.filter((face) => face.set === set && face.path === "crop"),
      others,
      head,
    );
    const { low, high } = wilsonInterval(shareOf(judged), judged.length);
    return `| ${set}, crop | ${judged.length} | ${percent(shareOf(judged))} (${percent(low)} to ${percent(high)}) | ${yearsOf(judged).toFixed(1)} |`;
  });
  return [
    "Of a set that neither kinds nor ends were fitted on:",
    "",
    "| faces | n | held, % | years |",
    "| --- | ---: | --- | ---: |",
    ...rows,
  ];
}

function shareOf(judged: readonly Judged[]): number {
  return judged.filter(({ isHeld }) => isHeld).length / judged.length;
}

function yearsOf(judged: readonly Judged[]): number {
  return judged.reduce((sum, { years }) => sum + years, 0) / judged.length;
}

function percent(share: number): string {
  return (share * 100).toFixed(1);
}

/** The layer of a head on features as they are: what its columns are scaled by goes into the weights. */
function plainLayer({ columns, outputs, scaling, weights, bias }: LinearHead): KindLayer {
  const own = Float32Array.from({ length: columns * outputs }, (_, index) => {
    const [column, output] = [Math.floor(index / outputs), index % outputs];
    return weights[output * columns + column]! * scaling.inverse[column]!;
  });
  const moved = bias.map((value, output) =>
    scaling.mean.reduce((sum, mean, column) => sum - mean * own[column * outputs + output]!, value),
  );
  return { weights: own, bias: moved };
}

function writeModel(lines: TailLines): void {
  const tails = "age-tails";
  const recipe = manifest.provenance.training?.["recipe"];
  const [age, gender] = ["age", "gender"].map((task) => manifest.outputs.find((output) => output.task === task));
  const exposed = exposeFeatures(graph, "features");
  const features = exposed?.nodes.find(({ outputs }) => outputs.includes("features"))?.inputs[0];
  if (age === undefined || gender === undefined || features === undefined)
    throw new Error(`"${path}" does not tell age and gender by layers on features`);
  const added = withTails(graph, tails, {
    features,
    age,
    gender: { ...gender, female: gender.labels.indexOf("female") },
    kinds: plainLayer(kinds),
    lines,
  });
  const bytes = encodeModel(added, {
    compact: true,
    metadata: { id: manifest.id, ...(typeof recipe === "string" && { config: recipe }) },
  });
  const source = `the validation parts of ${sets.join(", ")}: ${held.length} crops and photographs`;
  const outputs = manifest.outputs.map(({ intervalMass, ...output }): HeadManifest["outputs"][number] =>
    output.task === "age" ? { ...output, intervalTails: { output: tails, source } } : { ...output, ...(intervalMass && { intervalMass }) },
  );
  const described: HeadManifest = { ...manifest, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), outputs };
  writeFileSync(join(dirname(path), manifest.file), bytes);
  writeFileSync(path, `${JSON.stringify(headManifestSchema.parse(described), undefined, 2)}\n`);
  console.error(`wrote ${manifest.file}: ${bytes.length} bytes`);
}
