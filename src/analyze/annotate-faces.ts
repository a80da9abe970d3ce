import { annotate, type AnnotateOptions, type RasterImage } from "../image/index.ts";
import type { AnalyzedFace } from "./analysis.ts";

/**
 * A copy of the picture with every face boxed and labelled with what was told of it.
 * @param image the picture that was analysed, in its original size: boxes are in its pixels
 */
export function annotateFaces(image: RasterImage, faces: readonly AnalyzedFace[], options?: AnnotateOptions): RasterImage {
  return annotate(
    image,
    faces.map((face) => ({ box: face.box, lines: faceLines(face) })),
    options,
  );
}

/** What the label of a face says, a line each. */
export function faceLines({ age, gender, mood }: AnalyzedFace): string[] {
  const percent = (confidence: number): string => `${Math.round(100 * confidence)} %`;
  const lines: string[] = [];
  if (gender !== undefined) lines.push(`${gender.label} ${percent(gender.confidence)}`);
  if (age !== undefined) lines.push(`age ${Math.round(age.years)} (${Math.round(age.interval.low)}–${Math.round(age.interval.high)})`);
  if (mood !== undefined) lines.push(`${mood.label} ${percent(mood.confidence)}`);
  return lines;
}
