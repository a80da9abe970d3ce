import { type BoundingBox, clipBox, createTensorPool, type FaceLandmarks, intersectionOverUnion, throwIfAborted } from "../core/index.ts";
import { type PictureCopies, type RasterImage, samplingSource } from "../image/index.ts";
import { mergePatches } from "./candidate.ts";
import type { DetectOptions, FaceCandidate, FaceDetection, FaceDetector, FaceKeypoints, PictureResizer } from "./detector.ts";
import { type FaceMesh, type MeshedFace, trustedPresence } from "./face-mesh.ts";
import { scan, scanEach, type ScanningNetwork } from "./scan.ts";
import { type DetectorReach, type PlannedPatch, planPatches, type ScaledPatch } from "./patches.ts";
import { type CandidateWithPoints, isFromTheSide, profilesIn } from "./profile.ts";
import { squareAround, squareToSource, type TurnedSquare } from "./square.ts";
import { containedPart, suppressNonMaxima } from "./suppression.ts";

/**
 * How sure the mesh must be that it was shown a face, by how sure the detector is: docs/lab/detection.md. The mesh knows few faces in
 * profile, so a sure detector needs little more from it; yet what the mesh takes for no face at all is none, however much it pleases the
 * detector (round patches, folds of cloth).
 */
const evidence = [
  { score: 0.55, presence: 0.1 },
  { score: 0.4, presence: 0.5 },
  { score: 0, presence: 0.9 },
] as const;
/** Half the width of a mouth against the distance of the eyes: the template of the faces that the mesh does find. */
const mouthWidth = 0.43;
/**
 * Where the mesh saw no face in a place of which the detector is this sure, the detector looks again, at a square of this many times the
 * longer side of its box. Most of them are faces whose box was wrong, half in profile. What it is surer of then goes to the mesh once more;
 * of a picture, so many places at most. docs/lab/detection.md.
 */
const closer = { score: 0.5, margin: 1.2, scoreThen: 0.62, places: 16 };
/**
 * A face that fills the picture has no surroundings, which the detector is used to. Where nothing is found, the detector looks at the whole
 * picture with a margin, a square of this many times its longer side; what takes this part of the longer side counts. docs/lab/detection.md.
 */
const filling = { margin: 1.43, part: 0.45 };
/**
 * A picture that is no larger than what the network was trained with is looked at with a longer side of so many pixels first: of a face that fills it a
 * part is boxed at the usual size, which the mesh believes. What takes {@link filling}'s part of the longer side is kept from there; of which the look
 * is less sure than this, only where a face is found at the usual size, too. docs/lab/detection.md.
 */
const coarseFirst = { side: 128, score: 0.5 } as const;
/**
 * Where a face is expected, the detector is shown a square of this many times the longer side of its box: a face that has gone on by three
 * quarters of its side is still whole in it, and as large as the detector knows them best.
 */
const nearMargin = 2.5;
/**
 * Where the main face is sought: at the whole picture with a longer side of so many pixels, one after the other until there is a face. A face that fills
 * the picture is seen better so than at the size that the network was trained with. One that takes less than this part of the longer side is looked
 * at once more, at a square of this many times the longer side of its box. docs/lab/detection.md.
 */
const mainFace = { sides: [coarseFirst.side, 256], part: 0.3, margin: 3, overlap: 0.2, sure: 0.55 } as const;
const quarter = Math.PI / 2;
/** Two meshes that overlap more than this are one face, found twice. */
const sameFace = { overlap: 0.3, containment: 0.7 };
/**
 * Beside a face the mesh may believe in a shifted copy of it. Such a ghost touches a face that is surer by this factor, by more than
 * this intersection over union.
 */
const ghost = { surer: 1.3, overlap: 0.04 };

/**
 * A detector in two steps: a network scans the picture for places that may hold a face, then the face mesh looks at each place
 * closely, finds the landmarks and turns down what is no face. Where the two contradict each other, both look again, and where nothing is
 * found, they look for a face that fills the picture. In a small picture such a face is looked for first.
 */
export function createFaceDetector(scanner: ScanningNetwork, mesh: FaceMesh, resize: PictureResizer): FaceDetector {
  const pool = createTensorPool();
  const plan = createPlanner(scanner.reach, resize);
  return {
    async prepare(image, options) {
      const { near, search } = options;
      if (near !== undefined && scanner.closeUp !== undefined) {
        const patches = nearPatches(scanner.closeUp, image, options, near);
        return { detect: async () => keepFaces(selectFaces(image, await look([image], patches, options), options), options) };
      }
      if (search === "main" && scanner.closeUp !== undefined) {
        const coarsest = await plan.coarse(image, mainFace.sides[0], options);
        return { detect: async () => detectMain(coarsest, mainFace.sides.slice(1)) };
      }
      const planned = await plan.all(image, options);
      if (scanner.closeUp === undefined || Math.max(image.width, image.height) > scanner.reach.inputSize)
        return { detect: async () => keepFaces(await findEvery(planned), options) };
      const coarse = await plan.coarse(image, coarseFirst.side, options);
      return { detect: async () => detectSmall(coarse, planned) };
    },
  };

  // eslint-disable-next-line max-params -- in what, where, and what counts
  async function look(
    copies: PictureCopies,
    at: readonly ScaledPatch[],
    { signal }: DetectOptions,
    counts: (candidate: FaceCandidate) => boolean = () => true,
  ): Promise<SeenPlace[]> {
    return askMesh(mesh, copies, (await scan(scanner, at, pool, signal)).filter(counts), signal);
  }

  /** Of a small picture: the faces that fill it, as the coarse look places them, and all others. */
  async function detectSmall(coarse: PlannedPicture, picture: PlannedPicture): Promise<FaceDetection[]> {
    const { image, options } = picture;
    const large = (await lookTwice(coarse)).filter(({ box }) => fills(box, image));
    const sure = large.filter(({ score }) => score >= coarseFirst.score);
    const found = sure.length > 0 ? await lookTwice(picture, sure) : await findEvery(picture);
    return keepFaces(
      withPlaced(found, sure.length > 0 ? sure : large.filter(({ box }) => found.some((face) => isAt(face.box, box)))),
      options,
    );
  }

  async function findEvery(picture: PlannedPicture): Promise<FaceDetection[]> {
    const { image, options } = picture;
    const faces = await lookTwice(picture);
    const { closeUp } = scanner;
    if (closeUp === undefined || faces.length > 0) return faces;
    const [upright, ...turned] = framedPicture(closeUp, copiesOf(picture), options);
    const seen = await scanEach(scanner, [upright, ...turned], pool, options.signal);
    const framed = await askMesh(mesh, copiesOf(picture), mergePatches(seen.values().toArray().flat()), options.signal);
    const filling = framed.filter(({ candidate }) => fills(candidate.box, image));
    const found = selectFaces(image, filling, options);
    if (found.length > 0 || !filling.some(({ candidate }) => isFromTheSide(candidate))) return found;
    return selectFaces(image, await findProfiles(picture, mergePatches(seen.get(upright)!)), options);
  }

  /**
   * The faces in profile that fill the picture, upright ones alone: four times as many looks would see one in more that is none.
   * @param framed what the upright look with a margin shows
   */
  async function findProfiles({ image, options }: PlannedPicture, framed: readonly FaceCandidate[]): Promise<SeenPlace[]> {
    const { patches } = await plan.coarse(image, coarseFirst.side, { ...options, anyRotation: false });
    const profiles = profilesIn(framed, await scan(scanner, patches, pool, options.signal));
    return profiles.filter(({ box }) => fills(box, image)).map((candidate) => ({ candidate, face: asDetected(candidate) }));
  }

  /** At a picture's patches, then at doubtful places alone. @param known faces: places at them are not looked at again */
  async function lookTwice(picture: PlannedPicture, known: readonly FaceDetection[] = []): Promise<FaceDetection[]> {
    const { options, patches } = picture;
    const isNew = (candidate: FaceCandidate): boolean => !known.some(({ box }) => isAt(candidate.box, box));
    return withSecondLook(picture, await look(copiesOf(picture), patches, options, isNew));
  }

  /** The faces of what was seen, and of a second look at doubtful places. */
  async function withSecondLook(picture: PlannedPicture, seen: readonly SeenPlace[]): Promise<FaceDetection[]> {
    const { image, options } = picture;
    const copies = copiesOf(picture);
    if (scanner.closeUp === undefined) return selectFaces(image, seen, options);
    const again = await look(copies, closeUps(scanner.closeUp, copies, seen, options), options, ({ score }) => score >= closer.scoreThen);
    return selectFaces(image, [...seen, ...again], options);
  }

  /** The main face and what else is seen with it. @param finer the sides at which it is sought next; then it is sought as every face is */
  async function detectMain(picture: PlannedPicture, finer: readonly number[]): Promise<FaceDetection[]> {
    const { image, options, patches } = picture;
    const candidates = await scan(scanner, patches, pool, options.signal);
    // The only place there is: where the look at it alone is sure, the mesh need not look before.
    const [only] = candidates.length === 1 ? candidates : [];
    const alone = only && (await lookCloser(picture, only));
    if (alone !== undefined && alone.score >= mainFace.sure) return keepFaces([alone], options);
    const [main, ...others] = await withSecondLook(picture, await askMesh(mesh, copiesOf(picture), candidates, options.signal));
    if (main !== undefined) return keepFaces([(await lookCloser(picture, main)) ?? main, ...others], options);
    const [next, ...rest] = finer;
    if (next === undefined) return keepFaces(await findEvery(await plan.all(image, options)), options);
    return detectMain(await plan.coarse(image, next, options), rest);
  }

  /** A small face as it is seen alone; undefined where it is not seen there, or is no small one. */
  async function lookCloser(picture: PlannedPicture, { box: place }: Pick<FaceCandidate, "box">): Promise<FaceDetection | undefined> {
    const { image, options } = picture;
    const { closeUp } = scanner;
    if (closeUp === undefined || !isSmall(place, image)) return undefined;
    const square = { ...squareAround(place, mainFace.margin), angle: 0 };
    const near = selectFaces(image, await look(copiesOf(picture), [closeUpOf(copiesOf(picture), square, closeUp)], options), options);
    return near.find(({ box }) => intersectionOverUnion(box, place) > mainFace.overlap);
  }
}

/** Scales whole pictures for the looks at them. */
function createPlanner(reach: DetectorReach, resize: PictureResizer) {
  return {
    async all(image: RasterImage, options: DetectOptions): Promise<PlannedPicture> {
      return { image, options, patches: await scalePatches(image, planPatches(image, reach, options), resize) };
    },

    /** Its longer side `inputSize` pixels long. */
    async coarse(image: RasterImage, inputSize: number, options: DetectOptions): Promise<PlannedPicture> {
      const { anyRotation } = options;
      const patches = planPatches(image, { ...reach, inputSize }, { minFaceSize: Infinity, anyRotation });
      return { image, options, patches: await scalePatches(image, patches, resize) };
    },
  };
}

/** What detector and mesh say of places together. */
// eslint-disable-next-line max-params -- who looks, in what, and where
async function askMesh(
  mesh: FaceMesh,
  copies: PictureCopies,
  candidates: readonly FaceCandidate[],
  signal: AbortSignal | undefined,
): Promise<SeenPlace[]> {
  throwIfAborted(signal);
  const meshed = await mesh.locate(copies, candidates, signal);
  return candidates.map((candidate, index) => ({ candidate, face: chooseFace(candidate, meshed[index]!) }));
}

function isSmall({ width, height }: BoundingBox, picture: RasterImage): boolean {
  return Math.max(width, height) < mainFace.part * Math.max(picture.width, picture.height);
}

function copiesOf({ image, patches }: PlannedPicture): PictureCopies {
  return [image, ...new Set(patches.map((patch) => patch.image))];
}

/** A picture at the scales at which it will be looked at. */
interface PlannedPicture {
  readonly image: RasterImage;
  readonly options: DetectOptions;
  readonly patches: readonly ScaledPatch[];
}

/** A place that the detector named, and the face there, if both networks together are sure of one. */
interface SeenPlace {
  readonly candidate: FaceCandidate;
  readonly face: LocatedFace | undefined;
}

type LocatedFace = Pick<FaceDetection, "box" | "landmarks">;

/** A patch of each place that the detector is sure of and the mesh turned down, unless it touches a face that was found. */
function closeUps(side: number, copies: PictureCopies, seen: readonly SeenPlace[], { anyRotation }: DetectOptions): ScaledPatch[] {
  const found = seen.flatMap(({ candidate, face }) => (face === undefined ? [] : [candidate.box, face.box]));
  const touchesFound = (box: BoundingBox): boolean => found.some((other) => intersectionOverUnion(other, box) > ghost.overlap);
  return seen
    .filter(({ candidate: { box, score }, face }) => face === undefined && score >= closer.score && !touchesFound(box))
    .toSorted((a, b) => b.candidate.score - a.candidate.score)
    .slice(0, closer.places)
    .map(({ candidate: { box, angle } }) => {
      // Patches are turned by quarters alone.
      const turned = anyRotation ? Math.round(angle / quarter) * quarter : 0;
      return closeUpOf(copies, { ...squareAround(box, closer.margin), angle: turned }, side);
    });
}

/** The whole picture with a margin: upright, and also turned where faces may be. */
function framedPicture(side: number, copies: PictureCopies, { anyRotation }: DetectOptions): [ScaledPatch, ...ScaledPatch[]] {
  const [{ width, height }] = copies;
  const square = squareAround({ x: 0, y: 0, width, height }, filling.margin);
  const turned = (turns: number): ScaledPatch => closeUpOf(copies, { ...square, angle: turns * quarter }, side);
  return [turned(0), ...(anyRotation ? [1, 2, 3] : []).map(turned)];
}

/** What is around each place, also turned where faces may be. */
// eslint-disable-next-line max-params -- how large, and what of the picture
function nearPatches(side: number, image: RasterImage, { anyRotation }: DetectOptions, places: readonly BoundingBox[]): ScaledPatch[] {
  const turns = anyRotation ? [0, 1, 2, 3] : [0];
  return places.flatMap((box) =>
    turns.map((turn) => closeUpOf([image], { ...squareAround(box, nearMargin), angle: turn * quarter }, side)),
  );
}

function fills({ width, height }: BoundingBox, picture: RasterImage): boolean {
  return Math.max(width, height) >= filling.part * Math.max(picture.width, picture.height);
}

/** What was found, with faces that are known better in the place of what was found at them. */
function withPlaced(found: readonly FaceDetection[], placed: readonly FaceDetection[]): FaceDetection[] {
  return largestFirst([...placed, ...found.filter((face) => !placed.some(({ box }) => isAt(face.box, box)))]);
}

/** Whether something was found at a face: it is that face, a part of it or its ghost. */
function isAt(found: BoundingBox, face: BoundingBox): boolean {
  return intersectionOverUnion(found, face) > ghost.overlap || containedPart(found, face) > sameFace.containment;
}

/** A square of the picture as a patch of `side` pixels. */
function closeUpOf(copies: PictureCopies, square: TurnedSquare, side: number): ScaledPatch {
  const toSource = squareToSource(square, side);
  const { image, toSource: toCopy } = samplingSource(copies, toSource, side, side);
  const cuts = { left: false, top: false, right: false, bottom: false };
  return { image, toCopy, toSource, width: side, height: side, angle: square.angle, cuts, isCoarse: false };
}

/** Each patch with the picture at its scale. A copy is made from the next finer one, which holds all that it can show and is sooner read. */
async function scalePatches(image: RasterImage, patches: readonly PlannedPatch[], resize: PictureResizer): Promise<ScaledPatch[]> {
  const scaled: ScaledPatch[] = [];
  let finer = image;
  for (const group of Map.groupBy(patches, ({ copy }) => copy.width * copy.height)
    .values()
    .toArray()
    .toReversed()) {
    const { width, height } = group[0]!.copy;
    const copy = width === image.width && height === image.height ? image : await resize(finer, width, height);
    scaled.unshift(...group.map((patch) => Object.assign({ image: copy }, patch)));
    if (copy.width < image.width) finer = copy;
  }
  return scaled;
}

function selectFaces(image: RasterImage, seen: readonly SeenPlace[], options: DetectOptions): FaceDetection[] {
  const faces = seen.flatMap(({ candidate: { score }, face }) =>
    face === undefined ? [] : [{ ...face, box: clipBox(face.box, image.width, image.height), score }],
  );
  const isLargeEnough = ({ box }: FaceDetection): boolean => Math.max(box.width, box.height) >= options.minFaceSize;
  return largestFirst(withoutGhosts(suppressNonMaxima(faces, sameFace)).filter(isLargeEnough));
}

function largestFirst(faces: readonly FaceDetection[]): FaceDetection[] {
  return faces.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
}

/** A part of what was found, and never something else for being asked for less. */
function keepFaces(faces: readonly FaceDetection[], { minScore = 0, maxFaces }: DetectOptions): FaceDetection[] {
  return faces.filter(({ score }) => score >= minScore).slice(0, maxFaces);
}

function withoutGhosts(faces: readonly FaceDetection[]): FaceDetection[] {
  const isGhost = (face: FaceDetection): boolean =>
    faces.some((other) => other.score > face.score * ghost.surer && intersectionOverUnion(other.box, face.box) > ghost.overlap);
  return faces.filter((face) => !isGhost(face));
}

/** What the mesh says where it is sure, what the detector says where both together are, else nothing. */
function chooseFace(candidate: FaceCandidate, { presence, box, landmarks }: MeshedFace): LocatedFace | undefined {
  const needed = evidence.find(({ score }) => candidate.score >= score)!;
  if (presence < needed.presence) return undefined;
  if (presence >= trustedPresence) return { box, landmarks };
  return candidate.keypoints && asDetected({ ...candidate, keypoints: candidate.keypoints });
}

/** The face as the detector alone sees it. */
function asDetected({ box, keypoints }: CandidateWithPoints): LocatedFace {
  return { box, landmarks: landmarksOf(keypoints) };
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
