import { createHash } from "node:crypto";
import { z } from "zod";
import type { RasterImage } from "../../src/image/index.ts";
import { detectionSchema } from "./reference.ts";

/** What dlib's own detector finds on the reference pictures. */
export const vectorsSchema = z.strictObject({
  dlib: z.string(),
  /** Added to the detector's thresholds: what is nearly a face tells more of the numbers than the faces do. */
  threshold: z.number(),
  pictures: z.array(
    z.strictObject({
      name: z.string(),
      width: z.int(),
      height: z.int(),
      /** SHA-256 of the pixels. */
      sha256: z.string(),
      /** Best first. */
      faces: z.array(detectionSchema),
    }),
  ),
});
export type DlibVectors = z.infer<typeof vectorsSchema>;

export function pixelHash({ data }: RasterImage): string {
  return createHash("sha256").update(data).digest("hex");
}
