import { ageCount, createRandom, genders, moods, softmax } from "../core/index.ts";
import type { FacePrediction } from "./prediction.ts";

/** Predictions for tests: drawn from a seed, or made to measure. */

/** A face without labels or answers; `parts` fill in what the test is about. */
export function facePrediction(id: string, parts: Partial<FacePrediction> = {}): FacePrediction {
  return { id, labels: {}, found: true, probabilities: {}, attributes: {}, ...parts };
}

/** A normal distribution over the years 0 to 100, cut off and normalised. */
export function ageDistribution(mean: number, spread: number): number[] {
  const values = Array.from({ length: ageCount }, (_, year) => Math.exp(-((year - mean) ** 2) / (2 * spread ** 2)));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

/** The same faces as a calibrated model answers them: with one or two genders and two or three moods each. */
export function withSets(faces: readonly FacePrediction[]): FacePrediction[] {
  return faces.map((face, index) => {
    const from = index % moods.length;
    const mood = [...moods, ...moods].slice(from, from + 2 + (index % 2));
    return face.found ? { ...face, sets: { gender: index % 3 === 0 ? [...genders] : ["female"], mood } } : face;
  });
}

export interface DrawOptions {
  readonly count: number;
  /** @default 1 */
  readonly seed?: number;
  /** Share of faces that are not found. @default 0 */
  readonly notFound?: number;
  /** How far the annotated class's logit stands out. @default 2 */
  readonly skill?: number;
}

/** Faces with every kind of label and attribute, answered by a model that is right more often than not. */
export function drawPredictions({ count, seed = 1, notFound = 0, skill = 2 }: DrawOptions): FacePrediction[] {
  const random = createRandom(seed);
  const answer = (classes: number, truth: number) => [
    ...softmax(Array.from({ length: classes }, (_, index) => random.normal() + (index === truth ? skill : 0))),
  ];
  return Array.from({ length: count }, (_, index) => {
    const age = random.integer(101);
    const gender = random.integer(genders.length);
    const mood = random.integer(moods.length);
    const found = random.uniform() >= notFound;
    const probabilities = {
      age: ageDistribution(Math.min(100, Math.max(0, age + random.normal() * 6)), 4 + 4 * random.uniform()),
      gender: answer(genders.length, gender),
      mood: answer(moods.length, mood),
    };
    return facePrediction(`face-${String(index).padStart(4, "0")}`, {
      labels: { age: { low: age, high: age }, gender: genders[gender]!, mood: moods[mood]!, race: ["a", "b", "c"][random.integer(3)]! },
      ...(random.uniform() < 0.5 ? { subjectId: `subject-${random.integer(Math.ceil(count / 3))}` } : {}),
      found,
      probabilities: found ? probabilities : {},
      attributes: { faceSize: 20 + random.integer(300), sharpness: random.uniform() * 500, brightness: random.uniform() * 255 },
    });
  });
}
