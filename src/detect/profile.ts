import { intersectionOverUnion } from "../core/index.ts";
import type { FaceCandidate, FaceKeypoints } from "./detector.ts";

/**
 * The mesh knows few faces in profile, and what it refuses may be one. It is, if two looks at the picture name the place, with this score in the mean, and
 * both put the nose aside by this many distances of the eyes. Round things please the detector as much, but it takes them for faces from the front,
 * which the mesh knows. docs/lab/detection.md.
 */
const profile = { score: 0.4, aside: 0.25, overlap: 0.5 };

export type CandidateWithPoints = FaceCandidate & { readonly keypoints: FaceKeypoints };

/** The faces in profile among what two looks at one picture name: as the first one places them, with the mean of both scores. */
export function profilesIn(first: readonly FaceCandidate[], second: readonly FaceCandidate[]): CandidateWithPoints[] {
  const others = second.filter(isFromTheSide);
  return first.filter(isFromTheSide).flatMap((candidate) => {
    const same = others.find(({ box }) => intersectionOverUnion(box, candidate.box) >= profile.overlap);
    const score = same === undefined ? 0 : (candidate.score + same.score) / 2;
    return score < profile.score ? [] : [{ ...candidate, score }];
  });
}

/** Whether the nose does not stand before the middle of the eyes. */
export function isFromTheSide(candidate: FaceCandidate): candidate is CandidateWithPoints {
  if (candidate.keypoints === undefined) return false;
  const { leftEye, rightEye, nose } = candidate.keypoints;
  const [x, y] = [rightEye.x - leftEye.x, rightEye.y - leftEye.y];
  const along = (nose.x - (leftEye.x + rightEye.x) / 2) * x + (nose.y - (leftEye.y + rightEye.y) / 2) * y;
  return Math.abs(along) >= profile.aside * (x ** 2 + y ** 2);
}
