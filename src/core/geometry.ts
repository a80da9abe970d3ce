/** A point in pixels of the source picture; x to the right, y down, (0, 0) the upper left corner of the first pixel. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An axis-parallel box in pixels of the source picture. */
export interface BoundingBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Five points of a face, in pixels of the source picture; left and right as seen in the picture. */
export interface FaceLandmarks {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly nose: Point;
  readonly leftMouth: Point;
  readonly rightMouth: Point;
}

/** The landmarks in the order that arrays of five points use everywhere. */
export const landmarkNames = ["leftEye", "rightEye", "nose", "leftMouth", "rightMouth"] as const satisfies readonly (keyof FaceLandmarks)[];

/** The five points of a face, each as `pointOf` gives it. */
export function landmarksOf(pointOf: (name: keyof FaceLandmarks) => Point): FaceLandmarks {
  return {
    leftEye: pointOf("leftEye"),
    rightEye: pointOf("rightEye"),
    nose: pointOf("nose"),
    leftMouth: pointOf("leftMouth"),
    rightMouth: pointOf("rightMouth"),
  };
}

/** The five points, each where `map` brings it. */
export function mapLandmarks(landmarks: FaceLandmarks, map: (point: Point) => Point): FaceLandmarks {
  return landmarksOf((name) => map(landmarks[name]));
}

/** The five points with their x and y multiplied: pixels of another size, shares of the sides in pixels, pixels in shares. */
export function scaleLandmarks(landmarks: FaceLandmarks, scaleX: number, scaleY = scaleX): FaceLandmarks {
  return mapLandmarks(landmarks, ({ x, y }) => ({ x: x * scaleX, y: y * scaleY }));
}

/** Intersection over union of two boxes, 0..1; 0 for boxes without area. */
export function intersectionOverUnion(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a.width * a.height + b.width * b.height - intersection);
}

/** The same place in a picture that is `factor` times as large. */
export function scaleBox({ x, y, width, height }: BoundingBox, factor: number): BoundingBox {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor };
}

/** The part of `box` that lies inside a `width` x `height` picture; its sides are 0 where nothing does. */
export function clipBox(box: BoundingBox, width: number, height: number): BoundingBox {
  const left = Math.min(Math.max(box.x, 0), width);
  const top = Math.min(Math.max(box.y, 0), height);
  const right = Math.min(Math.max(box.x + box.width, left), width);
  const bottom = Math.min(Math.max(box.y + box.height, top), height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The face that a picture of one face is about: near the middle, measured in its own size, so that a large face wins. */
export function mainFace<Face extends { readonly box: BoundingBox }>(
  picture: { readonly width: number; readonly height: number },
  faces: readonly Face[],
): Face | undefined {
  const offset = ({ box }: Face): number =>
    Math.hypot(box.x + box.width / 2 - picture.width / 2, box.y + box.height / 2 - picture.height / 2) / Math.max(box.width, box.height);
  return faces.toSorted((a, b) => offset(a) - offset(b))[0];
}

/**
 * A 2 x 3 affine map: `x' = a x + b y + tx`, `y' = c x + d y + ty`.
 * Which space it maps from and to is said where one is made.
 */
export interface AffineTransform {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly c: number;
  readonly d: number;
  readonly ty: number;
}

export const identityTransform: AffineTransform = { a: 1, b: 0, tx: 0, c: 0, d: 1, ty: 0 };

export function transformPoint(transform: AffineTransform, point: Point): Point {
  return {
    x: transform.a * point.x + transform.b * point.y + transform.tx,
    y: transform.c * point.x + transform.d * point.y + transform.ty,
  };
}

/** The map that does `first`, then `second`. */
export function composeTransforms(second: AffineTransform, first: AffineTransform): AffineTransform {
  return {
    a: second.a * first.a + second.b * first.c,
    b: second.a * first.b + second.b * first.d,
    tx: second.a * first.tx + second.b * first.ty + second.tx,
    c: second.c * first.a + second.d * first.c,
    d: second.c * first.b + second.d * first.d,
    ty: second.c * first.tx + second.d * first.ty + second.ty,
  };
}

/** The inverse of an affine map. @throws {RangeError} when the map flattens the plane. */
export function invertTransform(transform: AffineTransform): AffineTransform {
  const determinant = transform.a * transform.d - transform.b * transform.c;
  if (determinant === 0 || !Number.isFinite(determinant)) throw new RangeError(`transform is not invertible (determinant ${determinant})`);
  const a = transform.d / determinant;
  const b = -transform.b / determinant;
  const c = -transform.c / determinant;
  const d = transform.a / determinant;
  return { a, b, tx: -(a * transform.tx + b * transform.ty), c, d, ty: -(c * transform.tx + d * transform.ty) };
}
