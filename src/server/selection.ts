import type { AnalysisOutcome, AnalyzedFace, FaceAnalysis } from "../analyze/analysis.ts";
import type { Selection } from "./schemas.ts";

/** The part of an outcome that a client asked for; a failure stays as it is. */
export function selectFromOutcome(outcome: AnalysisOutcome, selection: Selection): AnalysisOutcome {
  return "error" in outcome ? outcome : selectFrom(outcome, selection);
}

/** The part of an analysis that a client asked for; faces keep their order, largest first, and are measured as the detector does. */
export function selectFrom(outcome: FaceAnalysis, selection: Selection): FaceAnalysis {
  const { minFace = 0, minScore = 0, maxFaces = Number.POSITIVE_INFINITY } = selection;
  const isWanted = ({ box, score }: AnalyzedFace): boolean => Math.max(box.width, box.height) >= minFace && score >= minScore;
  const faces = outcome.faces.filter(isWanted).slice(0, maxFaces);
  return { ...outcome, faces: faces.map((face) => selectHeads(face, selection)) };
}

function selectHeads(face: AnalyzedFace, { heads }: Selection): AnalyzedFace {
  if (heads === undefined) return face;
  const { age, gender, mood, ...rest } = face;
  return {
    ...rest,
    ...(heads.includes("age") && age !== undefined ? { age } : {}),
    ...(heads.includes("gender") && gender !== undefined ? { gender } : {}),
    ...(heads.includes("mood") && mood !== undefined ? { mood } : {}),
  };
}
