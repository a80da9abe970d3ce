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
