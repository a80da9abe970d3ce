import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { isBuiltInTask, TensorFaceError } from "../../core/index.ts";
import { pathInside, pathKind, sortedNames } from "../../files/files.node.ts";
import { openTasks, readAbout } from "../about-file.node.ts";
import type { FaceLabels } from "../record.ts";
import type { TaskRequest } from "../tasks.ts";
import { faceRow, hasParts, inTurn } from "./boxes.ts";
import { type NamedFace, settleIds } from "./face-ids.ts";
import { parseClassName } from "./folder.node.ts";
import { readJsonFile } from "./json-file.node.ts";
import { knownTextOf, labelsOfWords, readVotes, requireReadable, textOf, withDeviation } from "./labelled-row.ts";
import { isJsonName, layoutError, problemsOf, requireSource, stem } from "./layout.node.ts";
import { parseSplit } from "./split-words.ts";
import type { DatasetImporter, OfficialPart, PictureBox, SourceRejection } from "./source-row.ts";

const numberOrText = z.union([z.number(), z.string()]);
/** What may be left away, or be null as some tools write it. */
function maybe<Value extends z.ZodType>(schema: Value): z.ZodType<z.output<Value> | undefined> {
  return schema.nullish().transform((value) => value ?? undefined);
}
const attributes = maybe(z.record(z.string(), z.unknown()));
/** What is of interest in a file of annotations; outlines of shapes are not. */
const fileSchema = z.object({
  images: z.array(
    z.object({
      id: numberOrText,
      // Some tools of Windows write its own slashes.
      file_name: z.string().transform((name) => name.replaceAll("\\", "/")),
      width: maybe(z.number()),
      height: maybe(z.number()),
      attributes,
    }),
  ),
  annotations: z.array(
    z.object({
      id: maybe(numberOrText),
      image_id: numberOrText,
      category_id: numberOrText,
      bbox: maybe(z.array(z.number())),
      iscrowd: maybe(z.union([z.number(), z.boolean()])),
      attributes,
    }),
  ),
  categories: z.array(z.object({ id: numberOrText, name: z.string() })),
});
type File = z.infer<typeof fileSchema>;
type Image = File["images"][number];
type Annotation = File["annotations"][number];

/** A file of annotations that was read. */
interface Part {
  /** Relative to the source, for messages. */
  readonly name: string;
  readonly file: File;
  /** The folder of its pictures, relative to the root. */
  readonly folder: string;
  readonly official: OfficialPart | undefined;
}

/** The files of annotations in a folder: `annotations/*.json`, else those beside pictures, as in `train/_annotations.coco.json`. */
async function findFiles(source: string): Promise<string[]> {
  const jsonIn = async (folder: string): Promise<string[]> => {
    if ((await pathKind(join(source, folder))) !== "folder") return [];
    const names = (await sortedNames(join(source, folder))).filter(({ name, isFolder }) => !isFolder && isJsonName(name));
    return names.map(({ name }) => (folder === "" ? name : `${folder}/${name}`));
  };
  const found = await jsonIn("annotations");
  // Beside them stand captions and key points of the same pictures.
  const instances = found.filter((path) => basename(path).startsWith("instances"));
  if (found.length > 0) return instances.length > 0 ? instances : found;
  const folders = (await sortedNames(source)).filter(({ isFolder }) => isFolder);
  return (await Promise.all(["", ...folders.map(({ name }) => name)].map(jsonIn))).flat();
}

/** Undefined for JSON of another kind, which may lie beside. */
async function readFile(path: string): Promise<File | undefined> {
  const value = await readJsonFile(path);
  const isLike = typeof value === "object" && value !== null && ["images", "annotations", "categories"].every((name) => name in value);
  if (!isLike) return undefined;
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" is not COCO's layout: ${problemsOf(parsed.error)}`);
}

/** The word of a split in a file's name or its folder's: `instances_train2017.json`, `valid/_annotations.coco.json`. */
function splitWord(path: string): string | undefined {
  const words = path.split(/[^A-Za-z]+/).toReversed();
  return words.find((word) => parseSplit(word) !== undefined);
}

/** The folder in which most of the first pictures stand. */
async function findPictures(root: string, path: string, images: readonly Image[]): Promise<string> {
  const here = dirname(path) === "." ? "" : dirname(path);
  const ending = stem(basename(path)).split("_").at(-1)!;
  const word = splitWord(path);
  const parts = [...new Set([...(word === undefined ? [] : [word]), ending, "validation"])];
  const folders = ["", here, "images", ...parts, ...parts.map((part) => `images/${part}`), ...parts.map((part) => `${part}/images`)];
  const sample = images.slice(0, 20);
  const counts = await Promise.all(
    [...new Set(folders)].map(async (folder) => {
      const kinds = await Promise.all(sample.map(async ({ file_name: name }) => pathKind(join(root, folder, name))));
      return { folder, count: kinds.filter((kind) => kind === "file").length };
    }),
  );
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).folder;
}

async function readPart(root: string, path: string): Promise<Part | undefined> {
  const file = await readFile(join(root, path));
  if (file === undefined) return undefined;
  const word = splitWord(path);
  const official = word === undefined ? undefined : { name: word, split: parseSplit(word)!, carveValidation: false };
  return { name: path, file, official, folder: await findPictures(root, path, file.images) };
}

/** A face: annotations of one box and one `attributes.id`, its own or the picture's, which are several where they are tags. */
function facesOf(annotations: readonly Annotation[], image: Image): Annotation[][] {
  const key = (annotation: Annotation): string =>
    JSON.stringify([annotation.attributes?.["id"] ?? image.attributes?.["id"] ?? null, annotation.bbox ?? null, annotation.iscrowd ?? 0]);
  return [...Map.groupBy(annotations, key).values()];
}

interface Reading {
  readonly root: string;
  /** What the categories tell; undefined where their words say it themselves. */
  readonly task: TaskRequest | undefined;
  readonly name: string;
  readonly margin: number | undefined;
  /** Whether validation pictures are taken out of training ones. */
  readonly carveValidation: boolean;
}

function labelsOf(words: readonly string[], task: TaskRequest | undefined): FaceLabels | undefined {
  if (task !== undefined) return labelsOfWords(words, task);
  return words.length === 1 ? parseClassName(words[0]!) : undefined;
}

function* readFaces(part: Part, reading: Reading): Generator<NamedFace | SourceRejection> {
  const { file, folder, name: path } = part;
  const categories = new Map(file.categories.map(({ id, name }) => [String(id), requireReadable(name, `"${path}" has a category that`)]));
  const byImage = Map.groupBy(file.annotations, ({ image_id: id }) => String(id));
  const isTags = reading.task?.kind === "tags" && !isBuiltInTask(reading.task.name);
  for (const image of file.images) {
    const below = folder === "" ? image.file_name : `${folder}/${image.file_name}`;
    const picture = pathInside(reading.root, below) ?? below;
    const faces = facesOf(byImage.get(String(image.id)) ?? [], image);
    byImage.delete(String(image.id));
    // A face without a tag has no annotation.
    if (faces.length === 0 && isTags) faces.push([]);
    if (faces.length === 0)
      yield { kind: "rejection", row: `${path} image ${image.id}`, file: picture, reason: "unlabelled", detail: "no annotation is of it" };
    for (const [index, annotations] of faces.entries()) {
      const isOnly = faces.length === 1 && annotations[0]?.bbox === undefined;
      yield readFace(annotations, { part, image, picture, categories, number: annotations[0]?.id ?? index + 1, isOnly }, reading);
    }
  }
  for (const [id, annotations] of byImage) {
    for (const { id: number = "?" } of annotations)
      yield { kind: "rejection", row: `${path} annotation ${number}`, reason: "malformed-row", detail: `there is no image ${id}` };
  }
}

/** Where a face stands. */
interface Place {
  readonly part: Part;
  readonly image: Image;
  /** The picture, relative to the root. */
  readonly picture: string;
  readonly categories: ReadonlyMap<string, string>;
  /** Of its first annotation. */
  readonly number: number | string;
  /** Whether the picture is the face's own. */
  readonly isOnly: boolean;
}

function readFace(
  annotations: readonly Annotation[],
  place: Place,
  { task, name, margin, carveValidation }: Reading,
): NamedFace | SourceRejection {
  const { part, image, picture, number } = place;
  const [first] = annotations;
  const row = first === undefined ? `${part.name} image ${image.id}` : `${part.name} annotation ${number}`;
  const reject = (reason: SourceRejection["reason"], detail: string): SourceRejection => ({
    kind: "rejection",
    row,
    file: picture,
    reason,
    detail,
  });
  if (Number(first?.iscrowd ?? 0) === 1) return reject("not-a-face", "the box holds a crowd");
  const unknown = annotations.find(({ category_id: id }) => !place.categories.has(String(id)));
  if (unknown !== undefined) return reject("malformed-row", `there is no category ${unknown.category_id}`);
  const box = first === undefined ? undefined : boxOf(first, image);
  if (box === "none") return reject("malformed-row", "bbox is no box: x, y, width, height");
  // A box that is annotated twice in the same way is one all the same.
  const words = [...new Set(annotations.map(({ category_id: id }) => place.categories.get(String(id))!))];
  const labels = labelsOf(words, task);
  if (labels === undefined) return reject("unknown-label", words.join(", "));
  const attributes = { ...image.attributes, ...first?.attributes };
  const subject = knownTextOf(attributes["subject"]);
  const votes = labels.mood === undefined ? undefined : attributes["mood_votes"];
  const { moodVotes, notes } = readVotes(labels.mood, { votes, given: attributes["mood_of_votes"] });
  const age = withDeviation(labels.age, textOf(attributes["age_deviation"]));
  if (age === "wrong") return reject("unknown-label", `age_deviation "${textOf(attributes["age_deviation"])}"`);
  return faceRow(
    {
      place: place.isOnly ? picture : `${picture}#${number}`,
      given: textOf(attributes["id"]),
      row,
      file: picture,
      box,
      number,
      labels: { ...labels, ...(age === undefined ? {} : { age }), ...(moodVotes === undefined ? {} : { moodVotes }) },
      notes,
      subjectId: subject === "" ? undefined : subject,
      official: part.official && { ...part.official, carveValidation },
    },
    name,
    margin,
  );
}

/** Undefined where an annotation is of the whole picture. */
function boxOf({ bbox }: Annotation, { width, height }: Image): PictureBox | undefined | "none" {
  if (bbox === undefined || bbox.length === 0) return undefined;
  const [x, y, across, down] = bbox;
  if (bbox.length !== 4 || !(across! > 0) || !(down! > 0)) return "none";
  return {
    x: x!,
    y: y!,
    width: across!,
    height: down!,
    within: width === undefined || height === undefined ? undefined : { width, height },
  };
}

/** @throws {TF_DATASET_LABEL_UNKNOWN} where the words do not say what they tell */
function requireKnownWords(source: string, parts: readonly Part[]): void {
  const words = [...new Set(parts.flatMap(({ file }) => file.categories.map(({ name }) => name)))];
  const isNumbers = words.every((word) => /^\d+$/.test(word));
  if (!isNumbers && words.some((word) => parseClassName(word) !== undefined)) return;
  throw new TensorFaceError(
    "TF_DATASET_LABEL_UNKNOWN",
    `what the categories of "${source}" tell is not known: ${words.slice(0, 12).join(", ")}`,
    {
      hint: "Say it with --task NAME, such as --task glasses: then each category is a class; with --kind tags a box may have several.",
    },
  );
}

/** COCO's layout: pictures, and JSON files with a box and a category for each face. A box that is not the whole picture is cut out. */
export const cocoImporter: DatasetImporter = {
  format: "coco",
  title: "pictures with boxes, as COCO has them",
  licence: "not stated",
  async open(source, options) {
    const isFolder = (await requireSource(source)) === "folder";
    const isAnnotations = basename(dirname(source)) === "annotations";
    const root = isFolder ? source : isAnnotations ? dirname(dirname(source)) : dirname(source);
    const inRoot = isAnnotations ? `annotations/${basename(source)}` : basename(source);
    const parts: Part[] = [];
    for (const path of isFolder ? await findFiles(source) : [inRoot]) {
      const part = await readPart(root, path);
      if (part !== undefined) parts.push(part);
    }
    if (parts.length === 0)
      throw layoutError("coco", source, 'JSON files with "images", "annotations" and "categories", in annotations/ or beside the pictures');
    const about = await readAbout(root);
    const tasks = options.tasks ?? openTasks(about);
    const [task, ...more] = tasks;
    if (more.length > 0) throw new TensorFaceError("TF_INVALID_ARGUMENT", "COCO's categories tell one task: give one, or import a table");
    if (task === undefined) requireKnownWords(source, parts);
    const hasValidation = parts.some(({ official }) => official?.split === "validation");
    const name = options.name ?? about?.name ?? "coco";
    const reading = { root, task, name, margin: options.margin, carveValidation: about === undefined && !hasValidation };
    const found = parts.flatMap((part) => Array.from(readFaces(part, reading)));
    const rows = settleIds(found, { name, isExport: about !== undefined });
    return { root, about, tasks, total: rows.length, ownsPixels: hasParts(rows), rows: inTurn(rows) };
  },
};
