import { describe, expect, test } from "vitest";
import { cropTransform } from "../align/index.ts";
import { type FaceLandmarks, invertTransform, type Point } from "../core/index.ts";
import { createRasterImage, type RasterImage, reduceForCrop } from "../image/index.ts";
import { warpToTensor } from "../image/warp.ts";
import { cropFaces } from "./crop-faces.ts";
import type { CropOptions } from "./options.ts";

const side = 256;
/** A picture whose red is x and whose green is y: each pixel of a crop tells where it came from. */
const ruler = createRasterImage(
  side,
  side,
  Uint8Array.from({ length: side * side * 3 }, (_, index) => [Math.floor(index / 3) % side, Math.floor(index / 3 / side), 0][index % 3]!),
);

const upright: FaceLandmarks = {
  leftEye: { x: 110, y: 115 },
  rightEye: { x: 146, y: 115 },
  nose: { x: 128, y: 130 },
  leftMouth: { x: 114, y: 148 },
  rightMouth: { x: 142, y: 148 },
};
const box = { x: 98, y: 88, width: 60, height: 80 };
const middle = { x: 128, y: 128 };

/** The face turned about the middle of its box, clockwise as seen. */
function turned(degrees: number): FaceLandmarks {
  const angle = (degrees * Math.PI) / 180;
  const turn = ({ x, y }: Point): Point => ({
    x: middle.x + (x - middle.x) * Math.cos(angle) - (y - middle.y) * Math.sin(angle),
    y: middle.y + (x - middle.x) * Math.sin(angle) + (y - middle.y) * Math.cos(angle),
  });
  const { leftEye, rightEye, nose, leftMouth, rightMouth } = upright;
  return { leftEye: turn(leftEye), rightEye: turn(rightEye), nose: turn(nose), leftMouth: turn(leftMouth), rightMouth: turn(rightMouth) };
}

function cropOf(face: { box: typeof box; landmarks: FaceLandmarks }, options: CropOptions): RasterImage {
  return cropFaces(ruler, [face], options)[0]!;
}

/** Where the pixel of a crop came from, to the pixel. */
function sourceAt({ data, width }: RasterImage, x: number, y: number): Point {
  const at = (y * width + x) * 3;
  return { x: data[at]! + 0.5, y: data[at + 1]! + 0.5 };
}

const near = (point: Point, tolerance = 1.5) => ({
  x: expect.toSatisfy((x: number) => Math.abs(x - point.x) <= tolerance),
  y: expect.toSatisfy((y: number) => Math.abs(y - point.y) <= tolerance),
});

describe("the box and its margin", () => {
  test.each([0, 0.25, 0.75])("margin %s is added at each side, as a share of the box's longer side", (margin) => {
    const crop = cropOf({ box, landmarks: upright }, { size: 100, margin });
    const half = 40 + 80 * margin;
    expect(sourceAt(crop, 0, 0)).toEqual(near({ x: middle.x - half, y: middle.y - half }));
    expect(sourceAt(crop, 99, 99)).toEqual(near({ x: middle.x + half, y: middle.y + half }));
  });

  test("without options: 224 pixels, a quarter of the longer side around it, not turned", () => {
    const landmarks = turned(40);
    expect(cropOf({ box, landmarks }, {})).toEqual(cropOf({ box, landmarks }, { size: 224, margin: 0.25, align: false }));
    expect(cropOf({ box, landmarks }, {})).toMatchObject({ width: 224, height: 224 });
  });

  test("beyond the picture its edge pixels are repeated, and the picture stays as it is", () => {
    const before = ruler.data.slice();
    const crop = cropOf({ box: { x: -20, y: 200, width: 40, height: 40 }, landmarks: upright }, { size: 80, margin: 0.5 });
    // The crop sees x -40..40 and y 180..260.
    expect(sourceAt(crop, 10, 10)).toEqual(near({ x: 0.5, y: 190 }));
    expect(sourceAt(crop, 70, 79)).toEqual(near({ x: 30, y: 255.5 }));
    expect(ruler.data).toEqual(before);
  });
});

describe("align", () => {
  test.each([-170, -90, -30, 0, 12, 45, 120])("a face turned by %s degrees comes out upright", (degrees) => {
    const landmarks = turned(degrees);
    const crop = cropOf({ box, landmarks }, { size: 80, margin: 0, align: true });
    // An upright crop of this box shows each point where the upright face has it, from the box's upper left corner at (88, 88).
    for (const name of ["leftEye", "rightEye", "nose", "leftMouth", "rightMouth"] as const)
      expect(sourceAt(crop, Math.floor(upright[name].x - 88), Math.floor(upright[name].y - 88))).toEqual(near(landmarks[name]));
  });
});

describe("template", () => {
  const at = ({ x, y }: Point): Point => ({ x: (x - 88) / 80, y: (y - 88) / 80 });
  const template = {
    landmarks: {
      leftEye: at(upright.leftEye),
      rightEye: at(upright.rightEye),
      nose: at(upright.nose),
      leftMouth: at(upright.leftMouth),
      rightMouth: at(upright.rightMouth),
    },
  };

  test.each([0, 33, -100])("a face turned by %s degrees stands on it, whatever its box", (degrees) => {
    const landmarks = turned(degrees);
    const crop = cropOf({ box: { x: 0, y: 0, width: 5, height: 5 }, landmarks }, { size: 160, template });
    for (const name of ["leftEye", "rightEye", "nose"] as const) {
      const { x, y } = template.landmarks[name];
      expect(sourceAt(crop, Math.floor(x * 160), Math.floor(y * 160))).toEqual(near(landmarks[name]));
    }
  });

  test.each([
    [24, 24],
    [24, 31],
  ])("the crop of %i x %i is what a head with this template sees", (width, height) => {
    const landmarks = turned(20);
    const pixels = width * height;
    const input = { width, height, colour: "rgb", mean: [0], standardDeviation: [1] } as const;
    const seen = new Float32Array(3 * pixels);
    const reduced = reduceForCrop(ruler, invertTransform(cropTransform(landmarks, template, input)), width, height);
    warpToTensor(reduced.image, reduced.toSource, input, seen);
    const crop = cropOf({ box, landmarks }, { size: input, template });
    expect([crop.width, crop.height]).toEqual([width, height]);
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let channel = 0; channel < 3; channel++)
        expect(Math.abs(crop.data[pixel * 3 + channel]! - seen[channel * pixels + pixel]!)).toBeLessThanOrEqual(0.51);
  });

  test("a size of one number is a square", () => {
    const face = { box, landmarks: turned(20) };
    expect(cropOf(face, { size: { width: 24, height: 24 }, template })).toEqual(cropOf(face, { size: 24, template }));
  });

  test("does not go with margin or align", () => {
    for (const more of [{ margin: 0.1 }, { align: true }])
      expect(() => cropOf({ box, landmarks: upright }, { template, ...more })).toThrow("leave margin and align out");
  });
});

test("an analysis or its faces, in their order; none of none", () => {
  const faces = [
    { box, landmarks: upright },
    { box: { x: 0, y: 0, width: 20, height: 20 }, landmarks: upright },
  ];
  expect(cropFaces(ruler, { faces }, { size: 8 })).toEqual(cropFaces(ruler, faces, { size: 8 }));
  expect(cropFaces(ruler, faces, { size: 8 })).toEqual(faces.map((face) => cropOf(face, { size: 8 })));
  expect(cropFaces(ruler, [])).toEqual([]);
});

test.each([
  [{ size: 0 }, "size must be a whole number from 1 to 4096, got 0"],
  [{ size: 10.5 }, "size must be"],
  [{ size: { width: 8, height: 9 } }, "a crop by the box is square"],
  [{ size: { width: 8, height: 0 }, template: { landmarks: upright } }, "size.height must be a whole number from 1 to 4096, got 0"],
  [{ size: {} as { width: number; height: number } }, "size.width must be a whole number from 1 to 4096, got NaN"],
  [{ margin: -0.1 }, "margin must be a number from 0 to 10, got -0.1"],
  [{ margin: Number.NaN }, "margin must be"],
  [{ align: 1 as unknown as boolean }, "align must be true or false"],
  [{ template: {} as NonNullable<CropOptions["template"]> }, "template must be { landmarks }"],
])("refuses %o", (options, message) => {
  expect(() => cropFaces(ruler, [], options)).toThrow(message);
});

test("refuses what is no picture", () => {
  expect(() => cropFaces({ width: 4, height: 4, data: new Uint8Array(64) }, [])).toThrow("width * height * 3 bytes");
  expect(() => cropFaces("photo.jpg" as unknown as RasterImage, [])).toThrow("image must be pixels");
});
