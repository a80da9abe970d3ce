import { adienceAgeGroups, type AgeGroup, type FaceAnalysis } from "tensorface/browser";
import { readAge } from "../../../src/classify/index.ts";
import type { PageAnalysis } from "../shared/protocol.ts";

/** Asked for with these groups, an age's probabilities are the whole distribution. */
export const everyYear: readonly AgeGroup[] = Array.from({ length: 101 }, (_, year) => ({ name: String(year), low: year, high: year }));

/** Puts the distribution beside the age, which is told in the groups of the command line and the API. */
export function withAgeCurves(analysis: FaceAnalysis): PageAnalysis {
  const faces = analysis.faces.map((face) => {
    if (face.age === undefined) return face;
    const { probabilities, interval } = face.age;
    const ageCurve = everyYear.map(({ name }) => probabilities[name] ?? 0);
    return { ...face, age: { ...readAge(ageCurve, adienceAgeGroups), interval }, ageCurve };
  });
  return { ...analysis, faces };
}
