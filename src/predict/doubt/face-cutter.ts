import { createHash } from "node:crypto";
import { cropTransform, estimateTemplate } from "../../align/index.ts";
import { type FaceLandmarks, invertTransform, landmarkNames, mapLandmarks } from "../../core/index.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import type { FaceObservation, FacePlace, FaceRecord } from "../../datasets/index.ts";
import { type PictureCutter, wholePicture } from "../../features/network-features.node.ts";
import { seesFaces } from "../../models/index.ts";

/**
 * In pictures that are crops, the points of half of them lie within this of their median, as a share of the side; in published crops they
 * lie within 0.01 to 0.05 (`recipes/templates`). There a face that the detector misses stands where the others do.
 */
const alignedSpread = 0.06;
/** Faces that tell where the others stand. */
const leastFaces = 12;
/** Shares of the side that a common place is rounded to: a few more pictures must not make every feature another one. */
const placeStep = 0.02;

/** The side at which a found face is decoded at least, in pixels: more than the input of any installed network needs. */
const faceSide = 192;
/** The longer side at which a picture is decoded whose face is not known. */
const pictureSide = 512;

/** Where the faces of a dataset's pictures are, by SHA-256. */
type Observations = ReadonlyMap<string, FaceObservation>;

/**
 * Cuts the largest face of each picture as a network was taught to see it. A picture without a found face is cut where the faces of the others
 * stand, if all stand in one place, and else taken whole.
 */
export function createFaceCutter(dataset: Pick<Dataset, "picturePath">, records: readonly FaceRecord[], seen: Observations): PictureCutter {
  const places = new Map<string, FaceLandmarks>();
  const sizes = new Map<string, number>();
  for (const record of records) {
    const place = seen.get(record.sha256)?.place;
    if (place === undefined) continue;
    const path = dataset.picturePath(record);
    places.set(path, place.landmarks);
    sizes.set(path, neededSide(record, place));
  }
  const common = commonPlace([...places.values()], records.length);
  return {
    name: `face-${createHash("sha256")
      .update(JSON.stringify(common ?? null))
      .digest("hex")
      .slice(0, 6)}`,
    sizeOf: (path) => sizes.get(path) ?? pictureSide,
    toSource(image, path, manifest) {
      const shares = places.get(path) ?? common;
      if (shares === undefined || !seesFaces(manifest)) return wholePicture.toSource(image, path, manifest);
      const landmarks = mapLandmarks(shares, ({ x, y }) => ({ x: x * image.width, y: y * image.height }));
      return invertTransform(cropTransform(landmarks, manifest.template, manifest.input));
    },
  };
}

/** The longer side of a picture in which its face is as large as networks want it. */
function neededSide({ width, height }: FaceRecord, { box }: FacePlace): number {
  const face = Math.max(1, Math.min(box.width * width, box.height * height));
  return Math.ceil(Math.max(width, height) * Math.min(1, faceSide / face));
}

/** Where the faces of aligned crops stand, in shares of the sides; undefined where pictures differ. */
function commonPlace(found: readonly FaceLandmarks[], pictures: number): FaceLandmarks | undefined {
  if (found.length < leastFaces || found.length * 2 < pictures) return undefined;
  const middle = estimateTemplate(found.map((landmarks) => ({ landmarks, size: { width: 1, height: 1 } })));
  const deviations = found.map((landmarks) =>
    Math.max(
      ...landmarkNames.map((name) => Math.max(Math.abs(landmarks[name].x - middle[name].x), Math.abs(landmarks[name].y - middle[name].y))),
    ),
  );
  const median = deviations.toSorted((a, b) => a - b)[deviations.length >> 1]!;
  if (median > alignedSpread) return undefined;
  const round = (value: number): number => Math.round(value / placeStep) * placeStep;
  return mapLandmarks(middle, ({ x, y }) => ({ x: round(x), y: round(y) }));
}
