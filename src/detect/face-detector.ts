import { clipBox, type FaceLandmarks, intersectionOverUnion, throwIfAborted } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";
import type { DetectOptions, FaceCandidate, FaceDetection, FaceDetector, FaceKeypoints } from "./detector.ts";
import type { FaceMesh, MeshedFace } from "./face-mesh.ts";
import { scan, type ScanningNetwork } from "./scan.ts";
import { suppressNonMaxima } from "./suppression.ts";
import { planViews } from "./views.ts";

/** How sure the mesh must be that it was shown a face; surer where the detector was not: docs/detection.md. */
const presenceThreshold = { usual: 0.5, doubtful: 0.9, doubtfulScore: 0.4 };
/**
 * Above this the detector is believed where the mesh is not sure: the mesh knows few faces in profile. Its own points serve as
 * landmarks then.
 */
const trustedScore = 0.7;
/** Half the width of a mouth against the distance of the eyes: the template of the faces that the mesh does find. */
const mouthWidth = 0.43;
/** Two meshes that overlap more than this are one face, found twice. */
const sameFace = { overlap: 0.4, containment: 0.7 };
/**
 * Beside a face the mesh may believe in a shifted copy of it. Such a ghost touches a face that is surer by this factor, by more than
 * this intersection over union.
 */
const ghost = { surer: 1.5, overlap: 0.04 };

/**
 * A detector in two steps: a network scans the picture for places that may hold a face, then the face mesh looks at each place
 * closely, finds the landmarks and turns down what is no face.
 */
export function createFaceDetector(scanner: ScanningNetwork, mesh: FaceMesh): FaceDetector {
  return {
    async detect(image, options) {
      const views = planViews(image, scanner.reach, options);
      const candidates = await scan(scanner, image, views, options.signal);
      throwIfAborted(options.signal);
      const meshed = await mesh.locate(image, candidates, options.signal);
      return selectFaces(image, candidates, meshed, options);
    },
  };
}

function selectFaces(
  image: RasterImage,
  candidates: readonly FaceCandidate[],
  meshed: readonly MeshedFace[],
  options: DetectOptions,
): FaceDetection[] {
  const faces = candidates.flatMap((candidate, index) => {
    const face = chooseFace(candidate, meshed[index]!);
    return face === undefined ? [] : [{ ...face, box: clipBox(face.box, image.width, image.height), score: candidate.score }];
  });
  const isLargeEnough = ({ box }: FaceDetection): boolean => Math.max(box.width, box.height) >= options.minFaceSize;
  return withoutGhosts(suppressNonMaxima(faces, sameFace))
    .filter(isLargeEnough)
    .toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
    .slice(0, options.maxFaces);
}

function withoutGhosts(faces: readonly FaceDetection[]): FaceDetection[] {
  const isGhost = (face: FaceDetection): boolean =>
    faces.some((other) => other.score > face.score * ghost.surer && intersectionOverUnion(other.box, face.box) > ghost.overlap);
  return faces.filter((face) => !isGhost(face));
}

/** What the mesh says where it saw a face, else what a detector says that is sure by itself. */
function chooseFace(
  candidate: FaceCandidate,
  { presence, box, landmarks }: MeshedFace,
): Pick<FaceDetection, "box" | "landmarks"> | undefined {
  const needed = candidate.score < presenceThreshold.doubtfulScore ? presenceThreshold.doubtful : presenceThreshold.usual;
  if (presence >= needed) return { box, landmarks };
  if (candidate.score < trustedScore || candidate.keypoints === undefined) return undefined;
  return { box: candidate.box, landmarks: landmarksOf(candidate.keypoints) };
}

/** The corners of the mouth stand beside its middle, along the line of the eyes. */
function landmarksOf({ leftEye, rightEye, nose, mouth }: FaceKeypoints): FaceLandmarks {
  const halfX = (rightEye.x - leftEye.x) * mouthWidth;
  const halfY = (rightEye.y - leftEye.y) * mouthWidth;
  return {
    leftEye,
    rightEye,
    nose,
    leftMouth: { x: mouth.x - halfX, y: mouth.y - halfY },
    rightMouth: { x: mouth.x + halfX, y: mouth.y + halfY },
  };
}
