import { annotate, type AnnotateOptions, type AnnotationLine, type RasterImage } from "../image/index.ts";
import type { AnalyzedFace, LabelEstimate } from "./analysis.ts";
import { hedge, inWords, isUnsureAnswer, isUnsureFace, percent, unsureFaceWords } from "./words.ts";

/**
 * A copy of the picture with every face boxed and numbered, in the order of `faces`, and with what was told of it: in labels beside the
 * faces, or, from twelve faces on and where labels would hide something, in a legend that makes the picture larger to the right or below.
 * An unsure face has a dashed box; answers are as sure as the page's words.
 * @param image the picture that was analysed, in its original size: boxes are in its pixels, and in the result's
 */
export function annotateFaces(image: RasterImage, faces: readonly AnalyzedFace[], options?: AnnotateOptions): RasterImage {
  const annotations = faces.map((face, index) => ({
    box: face.box,
    name: String(index + 1),
    lines: faceLines(face),
    isUnsure: isUnsureFace(face),
  }));
  return annotate(image, annotations, options);
}

/** What the label of a face says, a line each. */
export function faceLines(face: AnalyzedFace): AnnotationLine[] {
  const { age, gender, mood } = face;
  const lines: AnnotationLine[] = [];
  if (gender !== undefined) lines.push(labelLine("gender", gender));
  if (age !== undefined)
    lines.push({ text: `age ${Math.round(age.years)} (${Math.round(age.interval.low)}–${Math.round(age.interval.high)})` });
  if (mood !== undefined) lines.push(labelLine("mood", mood));
  if (isUnsureFace(face)) lines.push({ text: unsureFaceWords, isUnsure: true });
  return lines;
}

function labelLine(what: string, estimate: LabelEstimate<string>): AnnotationLine {
  const words = hedge(what, estimate);
  const isNamed = inWords(estimate.confidence) !== "unclear";
  return { text: isNamed ? `${words} ${percent(estimate.confidence)}` : words, isUnsure: isUnsureAnswer(estimate) };
}
