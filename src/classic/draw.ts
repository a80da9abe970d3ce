import { float32Tensor, type Random, TensorFaceError } from "../core/index.ts";
import type { Category, ClassicPicture, ImageList } from "./image-lists.ts";
import type { ClassicBatch } from "./head.ts";

/** Pictures with their class, in the order in which they were taken. */
export interface Drawn {
  readonly pictures: readonly ClassicPicture[];
  readonly classes: Int32Array;
}

/**
 * Draws pictures as the script does: each time a class first, all alike, then a picture of it. So every class counts alike, whatever its
 * size. -1 takes every picture once instead.
 */
export function drawPictures(classes: readonly ImageList[], category: Category, count: number, random: Random): Drawn {
  if (count < 0) return everyPicture(classes, category);
  const labels = Int32Array.from({ length: count }, () => 0);
  const pictures = Array.from(labels, (_, index) => {
    const label = random.integer(classes.length);
    labels[index] = label;
    return drawFrom(classes[label]![category], random);
  });
  return { pictures, classes: labels };
}

export function drawFrom(pictures: readonly ClassicPicture[], random: Random): ClassicPicture {
  return pictures[random.integer(pictures.length)]!;
}

/** Every picture of a part once. */
export function everyPicture(classes: readonly ImageList[], category: Category): Drawn {
  const taken = classes.flatMap((list, label) => list[category].map((picture) => ({ picture, label })));
  return { pictures: taken.map(({ picture }) => picture), classes: Int32Array.from(taken, ({ label }) => label) };
}

/** Features of drawn pictures as one batch. */
export function gatherBatch({ pictures, classes }: Drawn, features: ReadonlyMap<string, Float32Array>, columns: number): ClassicBatch {
  return batchOf(
    pictures.map(({ path }) => features.get(path)!),
    classes,
    columns,
  );
}

/** @param rows features of each example */
export function batchOf(rows: readonly Float32Array[], classes: Int32Array, columns: number): ClassicBatch {
  const features = float32Tensor([rows.length, columns]);
  for (const [index, row] of rows.entries()) features.data.set(row, index * columns);
  return { features, classes };
}

/**
 * Where a class is drawn first, each needs a picture in the part.
 * @throws {TF_EXAMPLES_FEW} naming the classes without one
 */
export function requirePictures(classes: readonly ImageList[], category: Category): void {
  const empty = classes.filter((list) => list[category].length === 0).map(({ label }) => `"${label}"`);
  if (empty.length === 0) return;
  throw new TensorFaceError("TF_EXAMPLES_FEW", `no picture of ${empty.join(", ")} fell into the ${category} part`, {
    hint:
      category === "training"
        ? "Add pictures to these classes."
        : `Add pictures to these classes, raise --${category}_percentage, or take every picture once with --${category === "testing" ? "test" : category}_batch_size=-1.`,
  });
}
