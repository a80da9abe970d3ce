import { type AffineTransform, type FaceLandmarks, type Point, type Random } from "../core/index.ts";
import { type Colour, createRasterImage, type RasterImage, resize, warpAffine } from "../image/index.ts";

/** One portrait made into many pictures whose classes are known, because they were drawn so. */

/** The portrait with dark glasses on it. */
export function withGlasses(image: RasterImage, { leftEye, rightEye }: FaceLandmarks): RasterImage {
  const data = Uint8ClampedArray.from(image.data);
  const distance = Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y);
  const along: Point = { x: (rightEye.x - leftEye.x) / distance, y: (rightEye.y - leftEye.y) / distance };
  const isGlass = (x: number, y: number): boolean => {
    const isLens = [leftEye, rightEye].some((eye) => {
      const [right, down] = turned({ x: x - eye.x, y: y - eye.y }, along);
      return (right / (0.42 * distance)) ** 4 + ((down - 0.05 * distance) / (0.3 * distance)) ** 4 < 1;
    });
    const [right, down] = turned({ x: x - (leftEye.x + rightEye.x) / 2, y: y - (leftEye.y + rightEye.y) / 2 }, along);
    return isLens || (Math.abs(right) < 0.95 * distance && Math.abs(down + 0.06 * distance) < 0.04 * distance);
  };
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) if (isGlass(x, y)) data.set([22, 24, 30], (y * image.width + x) * 3);
  return createRasterImage(image.width, image.height, data);
}

function turned({ x, y }: Point, along: Point): readonly [right: number, down: number] {
  return [x * along.x + y * along.y, y * along.x - x * along.y];
}

/** How a picture of the portrait's face is taken. */
export interface View {
  /** Degrees, clockwise. */
  readonly angle: number;
  /** From -1, lit from the left, to 1, lit from the right; 0 is even. */
  readonly light: number;
}

/** A photograph of the face, a little other each time: its place, size, turn, brightness and noise are drawn. */
export function drawFace(image: RasterImage, face: FaceLandmarks, { angle, light }: View, side: number, random: Random): RasterImage {
  const eyes = Math.hypot(face.rightEye.x - face.leftEye.x, face.rightEye.y - face.leftEye.y);
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const scale = (eyes * between(3.4, 4.4)) / side;
  const turn = ((angle + between(-5, 5)) * Math.PI) / 180;
  const [cosine, sine] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const middle = side / 2 + between(-0.05, 0.05) * side;
  const centre = { x: face.nose.x, y: face.nose.y - 0.1 * eyes };
  const toSource: AffineTransform = {
    a: cosine,
    b: sine,
    tx: centre.x - (cosine + sine) * middle,
    c: -sine,
    d: cosine,
    ty: centre.y - (cosine - sine) * middle,
  };
  const view = warpAffine(image, toSource, side, side);
  return lit(view, light + between(-0.12, 0.12), between(0.8, 1.15), random);
}

function lit({ width, height, data }: RasterImage, light: number, brightness: number, random: Random): RasterImage {
  const result = Uint8ClampedArray.from(data, (value, index) => {
    const x = (Math.floor(index / 3) % width) / width - 0.5;
    return value * brightness * (1 + 1.3 * light * x) + 4 * random.normal();
  });
  return createRasterImage(width, height, result);
}

/** Where a person of the group stands: middle and side of the square, as shares of the picture's width; and whether mirrored. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly isMirrored: boolean;
}

const places: readonly Place[] = [
  { x: 0.13, y: 0.19, side: 0.24, isMirrored: false },
  { x: 0.38, y: 0.18, side: 0.2, isMirrored: true },
  { x: 0.62, y: 0.2, side: 0.22, isMirrored: false },
  { x: 0.87, y: 0.19, side: 0.22, isMirrored: true },
  { x: 0.3, y: 0.53, side: 0.27, isMirrored: true },
  { x: 0.7, y: 0.53, side: 0.27, isMirrored: false },
];

/** Pixels of the group picture. */
const groupSize = { width: 1200, height: 900 } as const;
const wall: Colour = [196, 188, 176];

/** A group picture: people side by side before a wall, one for each picture that is given, six at most. */
export function drawGroup(people: readonly RasterImage[]): RasterImage {
  const { width, height } = groupSize;
  const data = Uint8ClampedArray.from(
    { length: width * height * 3 },
    (_, index) => wall[index % 3]! - (40 * Math.floor(index / 3 / width)) / height,
  );
  for (const [index, person] of people.slice(0, places.length).entries()) paste(data, person, places[index]!);
  return createRasterImage(width, height, data);
}

function paste(target: Uint8ClampedArray, person: RasterImage, place: Place): void {
  const side = Math.round(place.side * groupSize.width);
  const { data } = resize(person, side, side);
  const [left, top] = [Math.round(place.x * groupSize.width - side / 2), Math.round(place.y * groupSize.width - side / 2)];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [toX, toY] = [left + x, top + y];
      if (toX < 0 || toY < 0 || toX >= groupSize.width || toY >= groupSize.height) continue;
      // An oval with a soft edge: a portrait on the wall, without corners that detectors could hold on to.
      const out = Math.hypot((x + 0.5) / side - 0.5, (y + 0.5) / side - 0.5) * 2;
      const opacity = Math.min(1, Math.max(0, (1 - out) * 12));
      const from = (y * side + (place.isMirrored ? side - 1 - x : x)) * 3;
      const to = (toY * groupSize.width + toX) * 3;
      for (let channel = 0; channel < 3; channel++)
        target[to + channel] = target[to + channel]! * (1 - opacity) + data[from + channel]! * opacity;
    }
  }
}
