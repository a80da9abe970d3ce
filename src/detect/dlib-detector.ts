import { type BoundingBox, clipBox, type FaceLandmarks, identityTransform, mapLandmarks, throwIfAborted } from "../core/index.ts";
import { applyOrientation, type RasterImage } from "../image/index.ts";
import type { DetectorManifest } from "../models/index.ts";
import { boxToSource } from "./candidate.ts";
import type { DetectOptions, FaceCandidate, FaceDetection, FaceDetector, Network } from "./detector.ts";
import { findWindows, type HistogramLevel, histogramPyramid } from "./dlib/scanner.ts";
import { suppressWindows, type Window } from "./dlib/windows.ts";
import { type FaceMesh, trustedPresence } from "./face-mesh.ts";
import { quarterTurn } from "./patches.ts";

/** dlib's boxes reach from the brows to the chin; the mesh is used to boxes this many times as large: docs/lab/detection.md. */
const meshMargin = 1.15;

/** Where a face's points stand in dlib's box, as shares of its side, for places where the mesh sees none: docs/lab/detection.md. */
const usualLandmarks: FaceLandmarks = {
  leftEye: { x: 0.287, y: 0.303 },
  rightEye: { x: 0.713, y: 0.303 },
  nose: { x: 0.5, y: 0.588 },
  leftMouth: { x: 0.312, y: 0.757 },
  rightMouth: { x: 0.688, y: 0.757 },
};

/** A picture is turned counter-clockwise by so many quarters when it is read as of this EXIF orientation. */
const turnedAs = [1, 8, 3, 6] as const;

export interface DlibDetectorOptions {
  /** Lets others have the thread, between two levels of a picture's pyramid. @default nobody waits */
  readonly nextTurn?: (() => Promise<void>) | undefined;
}

/**
 * dlib's frontal face detector (King, 2009; Felzenszwalb et al., 2010): windows of gradient histograms against five filters, at scales of 5/6. Its faces
 * are dlib's own, the false ones too: same boxes, same scores (`get_frontal_face_detector`, no upsampling). The mesh, which turns down what
 * is no face for the other detectors, only gives them their landmarks.
 * @param manifest its output names `scores`
 */
// eslint-disable-next-line max-params -- the network with its manifest, and the mesh
export function createDlibDetector(
  network: Network,
  manifest: DetectorManifest,
  mesh: FaceMesh,
  { nextTurn }: DlibDetectorOptions = {},
): FaceDetector {
  return {
    async prepare(image, options) {
      const turns: { readonly turn: number; readonly levels: readonly HistogramLevel[] }[] = [];
      for (const turn of options.anyRotation ? [0, 1, 2, 3] : [0]) {
        turns.push({ turn, levels: await histogramPyramid(applyOrientation(image, turnedAs[turn]!), { ...options, nextTurn }) });
      }
      return {
        detect: async () => {
          const found: Turned<Window>[] = [];
          for (const { turn, levels } of turns) {
            const windows = await findWindows(network, manifest, levels, options);
            const toSource = turn === 0 ? identityTransform : quarterTurn(turn, image);
            const angle = (turn * Math.PI) / 2;
            found.push(...windows.map(({ box, score, filter }) => ({ box: boxToSource(box, { toSource }), score, filter, angle })));
          }
          const windows = options.anyRotation ? suppressWindows(found) : found;
          return locate(image, chooseWindows(image, windows, options), mesh, options);
        },
      };
    },
  };
}

/** What was found in a turned picture, in pixels of the upright one. */
type Turned<Found> = Found & {
  /** Of the face, in radians, positive clockwise. */
  readonly angle: number;
};

/** Of what was found, what was asked for, largest first. */
function chooseWindows(
  image: RasterImage,
  windows: readonly Turned<Window>[],
  { minFaceSize, minScore = 0, maxFaces }: DetectOptions,
): Turned<Window>[] {
  return windows
    .map(({ box, score, filter, angle }) => ({ box: clipBox(box, image.width, image.height), score, filter, angle }))
    .filter(({ box, score }) => Math.max(box.width, box.height) >= minFaceSize && score >= minScore)
    .toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
    .slice(0, maxFaces);
}

async function locate(
  image: RasterImage,
  windows: readonly Turned<Window>[],
  mesh: FaceMesh,
  { signal }: DetectOptions,
): Promise<FaceDetection[]> {
  throwIfAborted(signal);
  const candidates = windows.map(({ box, score, angle }): FaceCandidate => ({ box: grown(box, meshMargin), score, angle }));
  const meshed = await mesh.locate([image], candidates, signal);
  return windows.map(({ box, score, angle }, index) => {
    const { presence, landmarks } = meshed[index]!;
    return { box, score, landmarks: presence >= trustedPresence ? landmarks : placed(usualLandmarks, box, angle) };
  });
}

function grown({ x, y, width, height }: BoundingBox, factor: number): BoundingBox {
  const [addedX, addedY] = [width * (factor - 1), height * (factor - 1)];
  return { x: x - addedX / 2, y: y - addedY / 2, width: width + addedX, height: height + addedY };
}

/** Points of a box's shares, turned about its middle. */
function placed(shares: FaceLandmarks, { x, y, width, height }: BoundingBox, angle: number): FaceLandmarks {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return mapLandmarks(shares, (share) => {
    const [right, down] = [share.x - 0.5, share.y - 0.5];
    return { x: x + width * (0.5 + right * cosine - down * sine), y: y + height * (0.5 + right * sine + down * cosine) };
  });
}
