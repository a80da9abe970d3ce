import type { BoundingBox, FaceLandmarks, Point, Tensor } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";

/** A loaded network: what detection needs of the runtime's sessions. */
export interface Network {
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
}

/** A face found: where, how sure the detector is, and its five points. */
export interface FaceDetection {
  /** In pixels of the source picture, inside it. */
  readonly box: BoundingBox;
  /** The detector's raw number: 0..1, of `dlib` from 0 on without an end. */
  readonly score: number;
  readonly landmarks: FaceLandmarks;
}

export interface DetectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Side of the smallest face to look for, in pixels of the picture. */
  readonly minFaceSize: number;
  /** Leave out faces with a lower score. @default 0 */
  readonly minScore?: number | undefined;
  /** Keep at most this many faces, the largest. */
  readonly maxFaces: number;
  /** Look for faces at 90, 180 and 270 degrees too. */
  readonly anyRotation: boolean;
  /** Look around these places alone, in pixels of the picture. @default the whole picture; so also of detectors that cannot look at parts */
  readonly near?: readonly BoundingBox[] | undefined;
  /**
   * `every` face that is large enough, or the `main` one, the largest, which is sought from coarse to fine in a fraction of the time: of the others
   * those are found that are seen as well where it is. Detectors that look at all scales anyway find every face.
   * @default "every"
   */
  readonly search?: "every" | "main" | undefined;
}

/** A picture of which all is done that needs no engine. */
export interface PreparedPicture {
  /** @throws {TF_ABORTED} when the signal is aborted */
  detect(): Promise<FaceDetection[]>;
}

/** Scales a whole picture as the image room's `scaleCopy` does, number for number; platforms have faster ways, beside the engine. */
export type PictureResizer = (image: RasterImage, width: number, height: number) => Promise<RasterImage>;

/**
 * The port of a face detector. It guarantees: boxes and landmarks in pixels of the picture that it was given, largest face first, no
 * face twice. It must not know about heads, files or how pictures are decoded.
 */
export interface FaceDetector {
  /** What can be done before the engine is free: while it works on another picture. */
  prepare(image: RasterImage, options: DetectOptions): Promise<PreparedPicture>;
}

/** The points that a detector itself may give, coarser than the mesh's; left and right as seen in an upright face. */
export interface FaceKeypoints {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly nose: Point;
  readonly mouth: Point;
}

/** A place that may hold a face, before the mesh has looked at it. */
export interface FaceCandidate {
  /** In pixels of the source picture; may reach past its edges. */
  readonly box: BoundingBox;
  readonly score: number;
  /** Rotation of the face in radians, 0 upright, positive clockwise as seen. */
  readonly angle: number;
  /** In pixels of the source picture. */
  readonly keypoints?: FaceKeypoints;
}
