import { expectCount, expectOptions } from "../core/index.ts";
import {
  annotate,
  annotateOptionNames,
  type AnnotateOptions,
  type Annotation,
  type AnnotationLine,
  expectPixels,
  type RasterImage,
} from "../image/index.ts";
import type { AgeEstimate, AnalyzedFace, AttributeEstimate, Attributes, ClassEstimate, FaceAnalysis, LabelEstimate } from "./analysis.ts";
import { expectFaces } from "./options-check.ts";
import { describeAttribute, hedge, inWords, isUnsureAttribute, isUnsureAnswer, isUnsureFace, percent, unsureFaceWords } from "./words.ts";

/**
 * A copy of the picture with every face boxed and numbered, in the order of `analysis`, and with what was told of it: in labels beside the
 * faces, or, from twelve faces on and where labels would hide something, in a legend that makes the picture larger to the right or below.
 * An unsure face has a dashed box; answers are as sure as the page's words.
 * What is told of the whole picture stands at a box around it.
 * @param analysis the analysis, or its faces alone
 * @param image the picture that was analysed, in its original size: boxes are in its pixels, and in the result's
 * @throws {TF_INVALID_ARGUMENT} when `image` is no picture, `analysis` is neither, or an option is out of its range
 */
export function annotateFaces(
  image: RasterImage,
  analysis: readonly AnalyzedFace[] | Pick<FaceAnalysis, "faces" | "attributes">,
  options: AnnotateOptions = {},
): RasterImage {
  expectPixels(image);
  expectOptions(options, annotateOptionNames);
  expectCount("minimumSide", options.minimumSide, { least: 1 });
  const annotations: Annotation[] = expectFaces(analysis).map((face, index) => ({
    box: face.box,
    name: String(index + 1),
    lines: faceLines(face),
    isUnsure: isUnsureFace(face),
  }));
  const attributes = "attributes" in analysis ? analysis.attributes : undefined;
  if (attributes === undefined) return annotate(image, annotations, options);
  const whole = { box: { x: 0, y: 0, width: image.width, height: image.height }, name: "picture", lines: attributeLines(attributes) };
  return annotate(image, [...annotations, whole], options);
}

/** The same of tasks that are not built in. */
export function attributeLines(attributes: Attributes = {}): AnnotationLine[] {
  return Object.entries(attributes).map(([task, estimate]) => ({
    text: isNamedAttribute(estimate)
      ? `${describeAttribute(task, estimate)} ${percent(estimate.confidence)}`
      : describeAttribute(task, estimate),
    isUnsure: isUnsureAttribute(estimate),
  }));
}

/** What the label of a face says, a line each. */
export function faceLines(face: AnalyzedFace): AnnotationLine[] {
  const { age, gender, mood } = face;
  const lines: AnnotationLine[] = [];
  if (gender !== undefined) lines.push(labelLine("gender", gender));
  if (age !== undefined) lines.push(ageLine(age));
  if (mood !== undefined) lines.push(labelLine("mood", mood));
  lines.push(...attributeLines(face.attributes));
  if (isUnsureFace(face)) lines.push({ text: unsureFaceWords, isUnsure: true });
  return lines;
}

/** What a label of a face says of the age. */
export function ageLine({ years, interval: { low, high } }: Pick<AgeEstimate, "years" | "interval">): AnnotationLine {
  return { text: `age ${Math.round(years)} (${Math.round(low)}–${Math.round(high)})` };
}

/** What a label of a face says of one answer: in the words that it deserves, and dashed where it is unsure. */
export function labelLine(what: string, estimate: LabelEstimate<string>): AnnotationLine {
  const words = hedge(what, estimate);
  return { text: isNamed(estimate) ? `${words} ${percent(estimate.confidence)}` : words, isUnsure: isUnsureAnswer(estimate) };
}

/** Whether one label is told, whose confidence may stand beside it: it is not that of a set of several. */
function isNamed({ confidence, set }: Pick<LabelEstimate<string>, "confidence" | "set">): boolean {
  return set === undefined ? inWords(confidence) !== "unclear" : set.labels.length === 1;
}

/** The same of an answer of any kind: tags and numbers tell how sure they are in other ways. */
function isNamedAttribute(estimate: AttributeEstimate): estimate is ClassEstimate {
  return "label" in estimate && estimate.label !== null && isNamed(estimate);
}
