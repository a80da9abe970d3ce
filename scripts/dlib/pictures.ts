import { createRandom, identityTransform } from "../../src/core/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import { applyOrientation, crop, filledImage, type RasterImage, resize, warpAffine } from "../../src/image/index.ts";
import { facesPerMosaic, loadPortrait, makeMosaic } from "../recall/mosaic.ts";

const seed = 19_24;

/** Cuts of the portrait: at its edges the face is cut, and boxes reach past the picture. Odd sides: dlib rounds and cuts off. */
const cuts = [
  { x: 150, y: 40, width: 150, height: 150, scale: 1.37 },
  { x: 196, y: 70, width: 201, height: 211, scale: 1.9 },
  { x: 60, y: 0, width: 230, height: 177, scale: 2.61 },
  { x: 100, y: 99, width: 311, height: 313, scale: 1 },
  { x: 0, y: 250, width: 340, height: 262, scale: 1.7 },
  { x: 170, y: 75, width: 103, height: 103, scale: 0.9 },
  { x: 120, y: 10, width: 200, height: 200, scale: 5.03 },
] as const;

/** Sizes from hairline to chin, in pixels, and how the faces are turned. */
const mosaics = [
  { size: 64 },
  { size: 96 },
  { size: 110, rotation: 15 },
  { size: 128, rotation: -30, flip: true },
  { size: 200, rotation: 30, flip: true },
  { size: 0 },
] as const;

/** A picture on which dlib was asked. */
export interface ReferencePicture {
  readonly name: string;
  readonly image: RasterImage;
}

/**
 * The pictures on which the detector is compared with dlib's own: the portrait, cuts of it, mosaics, and what has no face at all. They are made by
 * this project's own code from a file without loss, so that they are the same everywhere.
 */
export async function referencePictures(portraitPath: string): Promise<ReferencePicture[]> {
  const { image: portrait } = await decode(portraitPath);
  const heads = await loadPortrait(portraitPath);
  const random = createRandom(seed);
  const drawn = await Promise.all(
    mosaics.map(async (condition, index) => {
      const { size, rotation } = { rotation: 0, ...condition };
      const faces = Array.from({ length: facesPerMosaic(size) }, () => heads[0]!);
      const { image } = await makeMosaic(faces, { name: String(size), ...condition }, random.fork(index));
      return { name: size === 0 ? "mosaic without faces" : `mosaic, ${size} px, turned by ${rotation}`, image };
    }),
  );
  return [
    { name: "portrait", image: portrait },
    { name: "portrait, mirrored", image: applyOrientation(portrait, 2) },
    ...cuts.map(({ scale, ...box }) => {
      const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
      return { name: `cut at ${box.x}, ${box.y}, ${width} x ${height}`, image: resize(crop(portrait, box), width, height) };
    }),
    ...drawn,
    { name: "half a face", image: halfFace(portrait) },
    { name: "one colour", image: filledImage(200, 150, [180, 120, 90]) },
    ...plain.map(([width, height]) => ({ name: `corner, ${width} x ${height}`, image: crop(portrait, { x: 190, y: 90, width, height }) })),
  ];
}

/** What the filter for faces that look to their right takes for nearly one: no other picture here pleases it. */
function halfFace(portrait: RasterImage): RasterImage {
  const half = applyOrientation(resize(crop(portrait, { x: 150, y: 40, width: 90, height: 170 }), 140, 204), 2);
  return warpAffine(half, { ...identityTransform, tx: -100, ty: -50 }, 350, 320);
}

/** Too small for a face, for a feature, for a cell. */
const plain = [
  [79, 81],
  [300, 23],
  [19, 90],
  [5, 3],
] as const;
