import { expect, test } from "vitest";
import { type Head, type HeadAnswer, runHead } from "../src/classify/index.ts";
import { ageInterval, createRandom, float32Tensor, type Random, softmax, type TaskDefinition } from "../src/core/index.ts";
import { type FacePrediction, fitConformal } from "../src/evaluate/index.ts";
import { ageDistribution, facePrediction } from "../src/evaluate/testing.ts";
import { type HeadManifest, headManifestSchema } from "../src/models/index.ts";

/** What a calibration promises of faces that it has not seen, from labelled faces to the answers of a head. */

type Label = string | number;
interface DrawnFace {
  /** The network's numbers. */
  readonly row: readonly number[];
  readonly truth: Label;
}

interface World {
  readonly task: TaskDefinition;
  readonly level: number;
  draw(random: Random): DrawnFace;
}

const labels = ["angry", "happy", "sad", "surprise"];
const sizes = ["small", "medium", "large", "huge"];

/** Worlds whose network is surer than it should be, and more so of some answers than of others. */
const worlds: Readonly<Record<string, World>> = {
  age: {
    task: { name: "age", kind: "age" },
    level: 0.8,
    draw(random) {
      const told = 5 + random.integer(85);
      const truth = Math.round(Math.min(100, Math.max(0, told + random.normal() * (2 + told / 9))));
      return { row: ageDistribution(told, 4), truth };
    },
  },
  number: {
    task: { name: "rating", kind: "number", minimum: 0, maximum: 100 },
    level: 0.8,
    draw(random) {
      const told = random.uniform() * 110 - 5;
      const truth = Math.min(100, Math.max(0, told + (random.normal() + 0.5) * (1 + told / 10)));
      return { row: [told], truth };
    },
  },
  classes: {
    task: { name: "expression", kind: "classes", labels },
    level: 0.9,
    draw(random) {
      const truth = random.uniform() < 0.02 ? 3 : random.integer(3);
      const noise = truth === 1 ? 1 : 3;
      const logits = labels.map((_, index) => (index === truth ? 2.5 : 0) + random.normal() * noise);
      return { row: [...softmax(logits)], truth: labels[truth]! };
    },
  },
  ordered: {
    task: { name: "size", kind: "ordered", labels: sizes },
    level: 0.9,
    draw(random) {
      const truth = random.integer(sizes.length);
      const centre = truth + random.normal() * 0.9;
      return { row: [...softmax(sizes.map((_, index) => -4 * (index - centre) ** 2))], truth: sizes[truth]! };
    },
  },
};

const point = { x: 0.5, y: 0.5 };

function headFor({ task }: World, conformal?: unknown): Head {
  const columns = task.kind === "age" ? Array.from({ length: 101 }, (_, year) => String(year)) : (task.labels ?? []);
  const manifest: HeadManifest = headManifestSchema.parse({
    schema: "tensorface.model/1",
    kind: "head",
    id: "drawn",
    title: "drawn",
    file: "drawn.onnx",
    bytes: 1,
    sha256: "0".repeat(64),
    template: { landmarks: { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }, source: "drawn" },
    input: { name: "picture", width: 1, height: 1, colour: "grey", mean: [0], standardDeviation: [1] },
    provenance: { source: "drawn", licence: "MIT" },
    outputs: [
      {
        task: task.name,
        ...(task.kind === "age" ? {} : { kind: task.kind }),
        output: "rows",
        activation: "none",
        labels: columns,
        ...(task.kind === "number" ? { interval: { level: 0.8, low: -1, high: 1 }, minimum: task.minimum, maximum: task.maximum } : {}),
        ...(conformal === undefined ? {} : { conformal }),
      },
    ],
  });
  return {
    manifest,
    // What it sees is what it says.
    network: { run: async ({ picture }) => ({ rows: picture! }) },
  };
}

async function ask(head: Head, faces: readonly DrawnFace[]): Promise<HeadAnswer[]> {
  const width = faces[0]!.row.length;
  const data = Float32Array.from(faces.flatMap(({ row }) => row));
  return (await runHead(head, float32Tensor([faces.length, width], data))).flat();
}

function toPrediction({ name }: TaskDefinition, answer: HeadAnswer, truth: Label, index: number): FacePrediction {
  const numbers =
    answer.kind === "age"
      ? [...answer.distribution]
      : answer.kind === "number"
        ? [answer.value, answer.interval.low, answer.interval.high]
        : [...answer.probabilities];
  const label = name === "age" ? { age: { low: Number(truth), high: Number(truth) } } : { attributes: { [name]: truth } };
  return facePrediction(String(index), { labels: label, probabilities: { [name]: numbers } });
}

function isHeld(answer: HeadAnswer, truth: Label): boolean {
  if (answer.kind === "age") {
    const { low, high } = ageInterval(answer.distribution, answer.intervalShare);
    return Number(truth) >= low && Number(truth) <= high;
  }
  if (answer.kind === "number") return Number(truth) >= answer.interval.low && Number(truth) <= answer.interval.high;
  if (answer.kind === "tags") throw new TypeError("tags have no set");
  return answer.set!.labels.includes(String(truth));
}

/** The places of what an answer keeps: both ends of a range of ages, every label of a set. */
function keptBy(answer: HeadAnswer, words: readonly string[]): number[] {
  if (answer.kind === "age") {
    const { low, high } = ageInterval(answer.distribution, answer.intervalShare);
    return [low, high];
  }
  if (answer.kind === "number" || answer.kind === "tags") throw new TypeError("neither has labels that are kept");
  return answer.set!.labels.map((label) => words.indexOf(label));
}

/** The group of an answer, by the place of what is told. */
function cellOf(answer: HeadAnswer, world: World): string {
  if (answer.kind === "age") return String(Math.floor(answer.distribution.reduce((sum, share, year) => sum + share * year, 0) / 30));
  if (answer.kind === "number") return String(Math.floor(answer.value / 40));
  return world.task.labels![answer.probabilities.indexOf(Math.max(...answer.probabilities))]!;
}

async function calibrated(world: World, random: Random, count: number) {
  const faces = Array.from({ length: count }, () => world.draw(random));
  const answers = await ask(headFor(world), faces);
  const predictions = answers.map((answer, index) => toPrediction(world.task, answer, faces[index]!.truth, index));
  const fit = fitConformal(predictions, world.task, { source: "drawn" })!;
  return { faces, answers, fit, head: headFor(world, fit.conformal) };
}

test.each(Object.entries(worlds))("%s: of faces never seen the promised share is held, in each part of the answers", async (_, world) => {
  const random = createRandom(11);
  const cells = new Map<string, { n: number; held: number }>();
  let [n, held, before] = [0, 0, 0];
  for (let round = 0; round < 25; round++) {
    const { head } = await calibrated(world, random, 1000);
    const faces = Array.from({ length: 400 }, () => world.draw(random));
    const plain = await ask(headFor(world), faces);
    for (const [index, answer] of (await ask(head, faces)).entries()) {
      const { truth } = faces[index]!;
      const isIn = isHeld(answer, truth);
      const cell = cells.get(cellOf(answer, world)) ?? { n: 0, held: 0 };
      cells.set(cellOf(answer, world), { n: cell.n + 1, held: cell.held + Number(isIn) });
      n++;
      held += Number(isIn);
      const own = plain[index]!;
      before += Number(own.kind === "classes" || own.kind === "ordered" ? cellOf(own, world) === truth : isHeld(own, truth));
    }
  }
  // Without the calibration much less is held, so that the promise is not kept by chance.
  expect(before / n).toBeLessThan(world.level - 0.1);
  expect(held / n).toBeGreaterThan(world.level - 0.01);
  // No promise is kept by telling everything; two labels with ties and whole years hold somewhat more than was asked for.
  expect(held / n).toBeLessThan(world.level + 0.06);
  const least = Math.min(...[...cells.values()].filter((cell) => cell.n > 1000).map((cell) => cell.held / cell.n));
  expect(least).toBeGreaterThan(world.level - 0.04);
});

test.each(["classes", "ordered", "age"])("%s: what is kept is what p-values keep", async (name) => {
  const world = worlds[name]!;
  const random = createRandom(3);
  const { faces, answers, fit, head } = await calibrated(world, random, 400);
  const { groups } = fit.conformal;
  const groupIndex = (answer: HeadAnswer): number => {
    if (fit.conformal.kind === "age" && answer.kind === "age") {
      const years = answer.distribution.reduce((sum, share, year) => sum + share * year, 0);
      return fit.conformal.groups.filter(({ from = 0 }) => from <= years).length - 1;
    }
    return groups.findIndex((group) => "labels" in group && group.labels.includes(cellOf(answer, world)));
  };
  const words = world.task.labels ?? Array.from({ length: 101 }, (_, year) => String(year));
  const numbersOf = (answer: HeadAnswer): Float64Array =>
    answer.kind === "age" ? answer.distribution : answer.kind === "number" ? new Float64Array() : answer.probabilities;
  // How strange a label would be: of classes how improbable it is, of what has an order how far it lies from the median.
  const strangeness = (answer: HeadAnswer, at: number): number => {
    const row = numbersOf(answer);
    if (name === "classes") return 1 - row[at]!;
    const middle = row.slice(0, at).reduce((sum, share) => sum + share, 0) + row[at]! / 2;
    return Math.abs(2 * middle - 1);
  };
  const examples = answers.map((answer, index) => ({
    group: groupIndex(answer),
    score: strangeness(answer, words.indexOf(String(faces[index]!.truth))),
  }));
  const fresh = Array.from({ length: 60 }, () => world.draw(random));
  const plain = await ask(headFor(world), fresh);
  for (const [index, answer] of (await ask(head, fresh)).entries()) {
    const same = examples.filter(({ group }) => group === groupIndex(plain[index]!));
    const kept = words.flatMap((_, at) => {
      const asStrange = same.filter(({ score }) => score >= strangeness(plain[index]!, at) - 1e-9).length;
      return (1 + asStrange) / (same.length + 1) > 1 - world.level + 1e-9 ? [at] : [];
    });
    const told = words.indexOf(cellOf(answer, world));
    // A range of ages has two ends, a set its labels and the one that is told.
    const expected = answer.kind === "age" ? [kept[0]!, kept.at(-1)!] : [...new Set([...kept, told])].toSorted((a, b) => a - b);
    expect(keptBy(answer, words)).toEqual(expected);
  }
});
