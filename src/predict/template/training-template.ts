import { z } from "zod";
import { counted, type FaceLandmarks, type ProgressListener, TensorFaceError } from "../../core/index.ts";
import { readTextFile } from "../../files/files.node.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import type { SourceTemplate, TemplateRequest } from "../../train/export/model-export.node.ts";
import { datasetTemplates } from "../dataset-templates.ts";
import { drawFaces } from "../../datasets/labelled-faces.node.ts";
import { measureTemplate } from "./measure.ts";

const point = z.strictObject({ x: z.number().min(-1).max(2), y: z.number().min(-1).max(2) });

/** What `npm run write -- templates` writes; the rest of it says how it was measured. */
const templateFileSchema = z.object({
  schema: z.literal("tensorface.template/1"),
  /** Format of the dataset. */
  dataset: z.string(),
  landmarks: z.strictObject({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }),
});

/**
 * Reads the files of `--template`.
 * @returns templates by the format of their dataset
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when a file cannot be read
 * @throws {TF_INVALID_ARGUMENT} when one holds no template, or two are of one format
 */
export async function readTemplates(paths: readonly string[]): Promise<Map<string, SourceTemplate>> {
  const templates = new Map<string, SourceTemplate>();
  for (const path of paths) {
    const text = await readTextFile(path);
    const { dataset, landmarks } = parseTemplate(text, path);
    if (templates.has(dataset))
      throw new TensorFaceError("TF_INVALID_ARGUMENT", `--template has two files for "${dataset}", the second is "${path}"`);
    templates.set(dataset, { landmarks, source: path });
  }
  return templates;
}

function parseTemplate(text: string, path: string): { readonly dataset: string; readonly landmarks: FaceLandmarks } {
  try {
    return templateFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `--template expects a "tensorface.template/1", "${path}" is none`, {
      cause,
      hint: 'Such a file holds "schema", "dataset" (its format) and "landmarks", five points as fractions of width and height.',
    });
  }
}

/** Pictures of a dataset that a template is measured on. */
const measuredPictures = 400;
/**
 * Faces that a template needs. Landmarks of aligned crops lie 0.01 to 0.05 of the side from their median (the middle half; see
 * `recipes/templates`), so the median of 30 is known within about 0.015.
 */
const fewestFaces = 30;
/** Share of the pictures that must show a face, or those found say little of the rest; published crops have 0.93 and more. */
const smallestShare = 0.5;

export interface FindTemplateOptions {
  readonly runtime: InferenceRuntime;
  /** Templates by format, before those that are built in. */
  readonly given: ReadonlyMap<string, SourceTemplate>;
  /** Told what is measured, a line at a time. */
  readonly say: (line: string) => void;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Where faces stand in the pictures of a training's dataset: a file's word, the built-in one of a published dataset, or what the
 * project's own detector finds in the training pictures. Where it finds too few faces, a head on features takes its backbone's.
 * @throws {TF_CONFIG_INVALID} when too few faces are found
 */
export async function findTemplate(
  request: TemplateRequest,
  { runtime, given, say, onProgress }: FindTemplateOptions,
): Promise<SourceTemplate> {
  const { format, title, faces, backbone } = request;
  const file = given.get(format);
  if (file !== undefined) return file;
  const builtIn = datasetTemplates[format];
  if (builtIn !== undefined) return { landmarks: builtIn, source: "recipes/templates" };
  const drawn = drawFaces(faces, measuredPictures, 1);
  say(`no template of ${format}'s pictures is known: looking for the faces in ${counted(drawn.length, "training picture")} of ${title}`);
  const measured = await measureTemplate(
    drawn.map(({ picture }) => ({ path: picture })),
    { runtime, onProgress },
  );
  const { landmarks, found, count, detector, medianAbsoluteDeviation } = measured;
  const counts = `${found} of ${counted(count, "training picture")}`;
  if (landmarks !== undefined && found >= fewestFaces && found >= smallestShare * count) {
    const spread = Math.max(...Object.values(medianAbsoluteDeviation).flatMap(({ x, y }) => [x, y]));
    say(`template of ${title}: a face in ${counts}, its landmarks within ${spread.toFixed(3)} of the side in half of them`);
    return { landmarks, source: `measured in ${counts} by ${detector.join(" and ")}` };
  }
  if (backbone !== undefined) {
    say(`a face was found in ${counts} only: taking the template of ${backbone.source}`);
    return backbone;
  }
  throw new TensorFaceError("TF_CONFIG_INVALID", `no template for ${title}: a face was found in ${counts}, ${needed(count)}`, {
    hint: "Pictures should be crops, the face a third of their side or more; --template FILE says where its landmarks stand.",
  });
}

function needed(count: number): string {
  return `needed are ${Math.max(fewestFaces, Math.ceil(smallestShare * count))}`;
}
