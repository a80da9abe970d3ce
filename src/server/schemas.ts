import { z } from "zod";
import type { Attributes, FaceAnalysis, FailedAnalysis } from "../analyze/index.ts";
import { errorCatalogue, type ErrorCode, type FaceLandmarks, genders, moods } from "../core/index.ts";
import { type AttributeCurves, defaultEvery, type FrameAnalysis, type VideoTracks } from "../video/index.ts";
import { annotatedFormats } from "./options.ts";

/** The API's words as schemas: requests are checked with them, answers written with them, OpenAPI generated from them. */

const pixels = z.number().describe("pixels of the upright picture");
const probability = z.number().min(0).max(1);
const point = z.object({ x: pixels, y: pixels });

/** Of which one is the true one for a share `level` of faces like those that the model was calibrated on. */
function labelSet<const Label extends z.ZodType>(label: Label) {
  return z
    .object({ labels: z.array(label), level: probability })
    .describe("one of them is the true label for a share `level` of faces like those that the model was calibrated on");
}

function labelEstimate<const Label extends string>(labels: readonly Label[]) {
  return z.object({
    label: z.enum(labels),
    confidence: probability.describe("calibrated probability of the label"),
    // A model may know fewer of the labels; the type promises those that it knows.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    probabilities: z.partialRecord(z.enum(labels), probability) as unknown as z.ZodType<Readonly<Record<Label, number>>>,
    set: labelSet(z.enum(labels)).exactOptional(),
  });
}

const landmarks: z.ZodType<FaceLandmarks> = z.object({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point });

const classEstimate = z.object({
  label: z.string().nullable().describe("null: unlike all examples of the model"),
  confidence: probability.describe("calibrated probability of the most probable label"),
  probabilities: z.record(z.string(), probability),
  novelty: probability.exactOptional().describe("share of held-out examples that were more like those the model learned from"),
  set: labelSet(z.string()).exactOptional(),
});
const tagsEstimate = z.object({
  labels: z.array(z.string()).describe("those whose probability is at least 0.5"),
  probabilities: z.record(z.string(), probability).describe("each by itself"),
});
const numberEstimate = z.object({
  value: z.number(),
  interval: z.object({ low: z.number(), high: z.number(), level: z.number() }).describe("meant to hold the true value for a share `level`"),
});
const attributes: z.ZodType<Attributes> = z.record(z.string(), z.union([classEstimate, tagsEstimate, numberEstimate]));

const face = z.object({
  box: z.object({ x: pixels, y: pixels, width: pixels, height: pixels }),
  score: z.number().describe("the detector's raw number"),
  landmarks: landmarks.describe("left and right as seen in the picture"),
  age: z
    .object({
      years: z.number().describe("expected apparent age, in years"),
      interval: z
        .object({ low: z.number(), high: z.number(), level: z.number() })
        .describe("years, both ends included, that are meant to hold the true age for a share `level` of faces"),
      group: z.string(),
      probabilities: z.record(z.string(), probability),
    })
    .exactOptional(),
  gender: labelEstimate(genders).exactOptional(),
  mood: labelEstimate(moods).exactOptional(),
  attributes: attributes.exactOptional().describe("what models of other tasks tell, by task"),
});

const analysisTag = z.literal("tensorface.analysis/1");

export const faceAnalysisSchema: z.ZodType<FaceAnalysis> = z
  .object({
    schema: analysisTag,
    source: z.string(),
    width: z.int(),
    height: z.int(),
    faces: z.array(face).describe("largest first; empty where there is none"),
    attributes: attributes.exactOptional().describe("what models for whole pictures tell, by task"),
    timings: z.object({ decodeMs: z.number(), detectMs: z.number(), classifyMs: z.number() }).describe("wall-clock milliseconds"),
  })
  .meta({ id: "FaceAnalysis" });

const errorCodes = Object.keys(errorCatalogue).filter((key): key is ErrorCode => Object.hasOwn(errorCatalogue, key));

export const errorReportSchema = z
  .object({ code: z.enum(errorCodes), message: z.string(), hint: z.string().describe("what to do about it") })
  .meta({ id: "ErrorReport" });

export const failedAnalysisSchema: z.ZodType<FailedAnalysis> = z
  .object({ schema: analysisTag, source: z.string(), error: errorReportSchema })
  .meta({ id: "FailedAnalysis" });

/** Every failed request; for one picture it also says which. */
export const errorAnswerSchema = z
  .object({ schema: analysisTag.exactOptional(), source: z.string().exactOptional(), error: errorReportSchema })
  .meta({ id: "ErrorAnswer" });

export const outcomeSchema = z.union([faceAnalysisSchema, failedAnalysisSchema]);
export const outcomesSchema = z.object({ results: z.array(outcomeSchema) }).meta({ id: "Outcomes" });

const nameList = z
  .string()
  .transform((text) => text.split(",").map((item) => item.trim()))
  .pipe(z.array(z.string().min(1)).min(1));

/** A number of the query: what is none reads as NaN, of which a client knows nothing. */
const anyNumber = z.coerce.number({ error: ({ expected }) => (expected === "number" ? "expected a number" : undefined) });

/** The same within its bounds. An option without a value is none: as a number it would read as 0. */
function queryNumber(bounded: z.ZodCoercedNumber) {
  return z.preprocess((value) => (typeof value === "string" && value.trim() === "" ? undefined : value), bounded);
}

/** Which part of the answer is wanted. */
export const selectionSchema = z.strictObject({
  tasks: nameList.optional().describe("what to tell: some of age, gender, mood and of what the server's models tell, with commas between"),
  heads: nameList.optional().describe("the older name of tasks: give one of the two"),
  models: nameList.optional().describe("tell only what these models tell: ids of /v1/models, with commas between"),
  minFace: queryNumber(anyNumber.min(0)).optional().describe("leave out faces whose longer side has fewer pixels"),
  minScore: queryNumber(anyNumber.min(0))
    .optional()
    .describe("leave out faces of which the detector is less sure, 0 to 1, with dlib from 0 on"),
  maxFaces: queryNumber(anyNumber.int().min(1)).optional().describe("keep at most this many faces, the largest"),
});
export type Selection = z.output<typeof selectionSchema>;

export const annotateQuerySchema = selectionSchema.extend({
  format: z.enum(annotatedFormats).default("png").describe("format of the picture that comes back"),
});

const named = { source: z.string().max(1024).optional().describe("name that the answer carries") };
/** One picture of a JSON request. */
export const onePictureSchema = z.union([
  z.strictObject({ image: z.string().describe("a data URL with base64: data:image/jpeg;base64,..."), ...named }),
  z.strictObject({ url: z.url().describe("an http(s) address, where the server allows it"), ...named }),
]);

/** Media types in which pictures come. */
const pictureTypes = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/avif",
  "image/heic",
  "image/heif",
  "image/gif",
  "image/tiff",
  "application/octet-stream",
] as const;
export const pictureForms = ["multipart/form-data", "application/json", ...pictureTypes] as const;

/** The JSON form of a request: one picture, or several. */
export const jsonRequestSchema = z
  .union([onePictureSchema, z.strictObject({ images: z.array(onePictureSchema).min(1) })])
  .meta({ id: "AnalyzeRequest" });
export type JsonPicture = z.output<typeof onePictureSchema>;

/** Media types in which films come. */
export const filmForms = ["video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "application/octet-stream"] as const;

export const videoQuerySchema = selectionSchema.extend({
  every: queryNumber(anyNumber.int().min(1).max(1000)).prefault(defaultEvery).describe("look for faces in every so-manieth frame"),
});

const seconds = z.number().describe("seconds from the film's beginning");

const frameSchema: z.ZodType<FrameAnalysis> = z
  .object({
    schema: z.literal("tensorface.frame/1"),
    source: z.string(),
    frame: z.int().describe("from 0, in the order of display"),
    time: seconds,
    duration: z.number().describe("seconds for which it is shown"),
    faces: z.array(
      face.pick({ box: true, age: true, gender: true, mood: true, attributes: true }).extend({
        track: z.int().describe("whose face it is: the id of a person in the last line"),
        isSeen: z.boolean().describe("found in this very frame; else the box is between two sights, or just beyond them"),
      }),
    ),
    attributes: attributes.exactOptional().describe("what models for whole pictures tell, where the frame was looked at"),
  })
  .meta({ id: "FrameAnalysis" });

const attributeCurves: z.ZodType<AttributeCurves> = z.record(
  z.string(),
  z.array(
    z.union([classEstimate.extend({ time: seconds }), tagsEstimate.extend({ time: seconds }), numberEstimate.extend({ time: seconds })]),
  ),
);

const secondCurve = <const Shape extends z.ZodRawShape>(shape: Shape) => z.array(z.object({ time: seconds, ...shape }));

const tracksSchema: z.ZodType<VideoTracks> = z
  .object({
    schema: z.literal("tensorface.tracks/1"),
    source: z.string(),
    width: z.int(),
    height: z.int(),
    duration: z.number(),
    frames: z.int(),
    every: z.number().describe("faces were looked for in every so-manieth frame"),
    tracks: z.array(
      z.object({
        id: z.int(),
        from: seconds,
        to: seconds,
        looks: z.int().describe("in how many frames the face was found"),
        age: z.object({ years: z.number(), interval: z.object({ low: z.number(), high: z.number(), level: z.number() }) }).exactOptional(),
        gender: z.object({ label: z.string(), confidence: probability, probabilities: z.record(z.string(), probability) }).exactOptional(),
        answeredLooks: z.int().describe("in how many frames it was asked about"),
        independentLooks: z.number().describe("how many looks that have nothing to do with each other the answers are worth"),
        moods: secondCurve({ label: z.string(), probabilities: z.record(z.string(), probability) }),
        ages: secondCurve({ years: z.number(), low: z.number(), high: z.number() }),
        attributes: attributes.exactOptional().describe("what models of other tasks tell of the person, by task"),
        attributeCurves: attributeCurves.exactOptional().describe("the same of each second"),
      }),
    ),
    attributes: attributes.exactOptional().describe("what models for whole pictures tell of all frames, by task"),
    attributeCurves: attributeCurves.exactOptional().describe("the same of each second"),
  })
  .meta({ id: "VideoTracks" });

export const filmLineSchema = z.union([frameSchema, tracksSchema, errorAnswerSchema]);

export const filmBody = {
  required: true,
  content: Object.fromEntries(
    filmForms.map((type) => [type, { schema: { type: "string", format: "binary", description: "The film's file itself." } }]),
  ),
} as const;

/** What the OpenAPI document says of a request's body; the routes read bodies themselves, so that pictures are never parsed twice. */
export const pictureBody = {
  required: true,
  content: {
    "multipart/form-data": {
      schema: {
        type: "object",
        description: "One or several files, whatever their fields are called.",
        properties: { file: { type: "array", items: { type: "string", format: "binary" } } },
      },
    },
    "application/json": { schema: { $ref: "#/components/schemas/AnalyzeRequestInput" } },
    ...Object.fromEntries(
      pictureTypes.map((type) => [type, { schema: { type: "string", format: "binary", description: "The file itself." } }]),
    ),
  },
} as const;
