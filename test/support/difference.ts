import type { FaceAnalysis } from "../../src/analyze/analysis.ts";

/** The largest difference of a probability between two analyses of the same picture, face by face; boxes must agree to two pixels. */
export function largestDifference(here: FaceAnalysis, there: FaceAnalysis): number {
  const differences = here.faces.flatMap((face, index) => {
    const other = there.faces[index]!;
    for (const side of ["x", "y", "width", "height"] as const)
      if (Math.abs(face.box[side] - other.box[side]) > 2) throw new Error(`face ${index + 1} stands elsewhere`);
    return (["age", "gender", "mood"] as const).flatMap((head) => {
      const [left, right]: Readonly<Record<string, number>>[] = [face[head]!.probabilities, other[head]!.probabilities];
      return Object.entries(left!).map(([label, value]) => Math.abs(value - right![label]!));
    });
  });
  return Math.max(0, ...differences);
}

/** The largest difference of a probability of tasks that are not built in, of the picture and of its faces; the same must be told. */
export function largestAttributeDifference(here: FaceAnalysis, there: FaceAnalysis): number {
  const pairs = [
    [here.attributes, there.attributes] as const,
    ...here.faces.map((face, index) => [face.attributes, there.faces[index]?.attributes] as const),
  ];
  const differences = pairs.flatMap(([left = {}, right = {}]) => {
    const [told, other] = [Object.keys(left).join(), Object.keys(right).join()];
    if (told !== other) throw new Error(`told are ${told} here and ${other} there`);
    return Object.entries(left).flatMap(([task, estimate]) => {
      const answer = right[task]!;
      if (!("probabilities" in estimate) || !("probabilities" in answer)) throw new Error(`${task} has no probabilities`);
      return Object.entries(estimate.probabilities).map(([label, value]) => Math.abs(value - answer.probabilities[label]!));
    });
  });
  if (differences.length === 0) throw new Error("nothing of that kind is told");
  return Math.max(...differences);
}
