import type { FaceDetection } from "../../detect/index.ts";
import type { RasterImage } from "../../image/index.ts";

/** The face that a picture of one face is about: near the middle, measured in its own size, so that a large face wins. */
export function mainFace<Face extends Pick<FaceDetection, "box">>(
  image: Pick<RasterImage, "width" | "height">,
  detections: readonly Face[],
): Face | undefined {
  const offset = ({ box }: Face): number =>
    Math.hypot(box.x + box.width / 2 - image.width / 2, box.y + box.height / 2 - image.height / 2) / Math.max(box.width, box.height);
  return detections.toSorted((a, b) => offset(a) - offset(b))[0];
}
