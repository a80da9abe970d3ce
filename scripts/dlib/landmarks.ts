import { createFaceMesh, type FaceMesh, findWindows, histogramPyramid } from "../../src/detect/index.ts";
import { type BoundingBox, type FaceLandmarks, landmarkNames, mapLandmarks } from "../../src/core/index.ts";
import { estimateTemplate } from "../../src/align/index.ts";
import { openModelFolders } from "../../src/models/models.node.ts";
import type { DetectorManifest, LandmarkManifest } from "../../src/models/index.ts";
import { showOnCanvas } from "../../src/predict/template/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import type { FacePicture } from "../recall/mosaic.ts";

const margins = [1.15, 0.85, 1, 1.3, 1.5, 1.7] as const;
/** Where the mesh is sure enough for its points to count. */
const surePresence = 0.9;

/** Prints where the mesh sees the landmarks in dlib's boxes, and how sure it is when it is shown more or less around them. */
export async function measureLandmarks(pictures: readonly FacePicture[]): Promise<void> {
  const store = openModelFolders();
  const manifests = await store.manifests();
  const manifest = manifests.find((each): each is DetectorManifest => each.kind === "detector" && each.decoder === "dlib")!;
  const meshManifest = manifests.find((each): each is LandmarkManifest => each.kind === "landmarks")!;
  const runtime = createNodeRuntime();
  const network = await runtime.load(await store.read(manifest));
  const mesh: FaceMesh = createFaceMesh(await runtime.load(await store.read(meshManifest)), meshManifest);
  const presences = new Map<number, number[]>(margins.map((margin) => [margin, []]));
  const seen: FaceLandmarks[] = [];
  for (const { image } of pictures) {
    const { canvas } = showOnCanvas(image);
    const [window] = await findWindows(network, manifest, await histogramPyramid(canvas));
    if (window === undefined) continue;
    const candidates = margins.map((margin) => ({ box: grown(window.box, margin), score: window.score, angle: 0 }));
    const meshed = await mesh.locate([canvas], candidates);
    for (const [index, margin] of margins.entries()) presences.get(margin)!.push(meshed[index]!.presence);
    for (const { presence, landmarks } of meshed.slice(0, 1)) if (presence >= surePresence) seen.push(inBox(landmarks, window.box));
  }
  for (const [margin, values] of presences) {
    const trusted = values.filter((presence) => presence >= 0.5).length;
    console.log(`margin ${margin}: ${trusted} of ${values.length} dlib faces trusted`);
  }
  const usual = estimateTemplate(seen.map((landmarks) => ({ landmarks, size: { width: 1, height: 1 } })));
  console.log(`${seen.length} faces, medians made symmetric:`);
  for (const name of landmarkNames) console.log(name, usual[name].x.toFixed(3), usual[name].y.toFixed(3));
}

function inBox(landmarks: FaceLandmarks, { x, y, width, height }: BoundingBox): FaceLandmarks {
  return mapLandmarks(landmarks, (point) => ({ x: (point.x - x) / width, y: (point.y - y) / height }));
}

/** The box, larger by a factor about its middle. */
function grown({ x, y, width, height }: BoundingBox, factor: number): BoundingBox {
  const [addedX, addedY] = [width * (factor - 1), height * (factor - 1)];
  return { x: x - addedX / 2, y: y - addedY / 2, width: width + addedX, height: height + addedY };
}
