import { type BoundingBox, intersectionOverUnion } from "../../src/core/index.ts";
import { blazeFace, createFaceDetector, type FaceMesh, squareAround, squareToSource } from "../../src/detect/index.ts";
import { cutPicture, type RasterImage } from "../../src/image/index.ts";
import { resizeCubic } from "../../src/image/resize.node.ts";
import { findModel } from "../../src/models/index.ts";
import { openModelFolders } from "../../src/models/models.node.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";

/** A place that the scan names. */
export type NamedPlace = Parameters<FaceMesh["locate"]>[1][number];

/** Looks at pictures as the analyzer does by default, without the mesh: every place that the scan names, each once. */
export interface PlaceFinder extends AsyncDisposable {
  /** @param smallest side of the smallest face to look for, in pixels; by default as the analyzer chooses it */
  find(image: RasterImage, smallest?: number): Promise<NamedPlace[]>;
}

const nowhere = { x: 0, y: 0 };
/** Places that overlap more than this are one, which a closer look named again. */
const samePlace = 0.4;

/** @param least the detector's score, 0..1, from which on a place is named */
export async function openPlaceFinder(least: number): Promise<PlaceFinder> {
  const models = openModelFolders();
  const manifest = findModel(await models.manifests(), "blazeface");
  if (manifest.kind !== "detector") throw new Error("the detector is not what its id says");
  const session = await createNodeRuntime().load(await models.read(manifest), { threads: 1, variedSizes: true });
  let named: NamedPlace[] = [];
  // Sees no face anywhere, and keeps where it was asked.
  const blindMesh: FaceMesh = {
    async locate(_copies, candidates) {
      named.push(...candidates);
      return candidates.map(({ box }) => ({
        box,
        landmarks: { leftEye: nowhere, rightEye: nowhere, nose: nowhere, leftMouth: nowhere, rightMouth: nowhere },
        presence: 0,
      }));
    },
  };
  const detector = createFaceDetector(blazeFace(session, { ...manifest, scoreThreshold: least }), blindMesh, resizeCubic);
  return {
    async find(image, smallest = Infinity) {
      named = [];
      const minFaceSize = Math.min(smallest, Math.max(20, Math.max(image.width, image.height) / 64));
      await (await detector.prepare(image, { minFaceSize, maxFaces: 1, anyRotation: false })).detect();
      const kept: NamedPlace[] = [];
      for (const place of named) if (kept.every(({ box }) => intersectionOverUnion(box, place.box) < samePlace)) kept.push(place);
      return kept;
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
    },
  };
}

/** Side of a place's picture, and how much it shows, in longer sides of the box: the recipe's crop is the middle 48 pixels, 1.3 sides. */
const view = { side: 60, margin: 1.3 / 0.8 } as const;

/** A place with what is around it. */
export function cutPlace(image: RasterImage, box: BoundingBox): RasterImage {
  return cutPicture(image, squareToSource({ ...squareAround(box, view.margin), angle: 0 }, view.side), view.side, view.side);
}
