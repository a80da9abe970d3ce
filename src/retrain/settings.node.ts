import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, readTextFile, writeFileAtomically } from "../files/files.node.ts";
import { cropChoices } from "./decide-crop.node.ts";
import { idOf } from "./names.ts";
import { retrainKinds, type RetrainOptions } from "./options.ts";

/** The file of a model's folder that says what it was made with, and by which a folder of ours is known. */
export const settingsFile = "settings.json";
const schemaName = "tensorface.retrain/1";

const settingsSchema = z.object({
  schema: z.literal(schemaName),
  source: z.string(),
  out: z.string().optional(),
  name: z.string().optional(),
  task: z.string().optional(),
  kind: z.enum(retrainKinds).optional(),
  crop: z.enum(cropChoices).optional(),
  largest: z.boolean().optional(),
  backbone: z.string().optional(),
  size: z.string().optional(),
  scale: z.string().optional(),
  fineTune: z.boolean().optional(),
  cache: z.string().optional(),
  folds: z.int().optional(),
  seed: z.int().optional(),
  pictures: z.boolean().optional(),
});

/** What a model was made with: the options that make it again from the same pictures. */
export interface RetrainSettings extends Omit<RetrainOptions, "onNote" | "onProgress" | "signal"> {
  /** Folder of the pictures, or an imported dataset. */
  readonly source: string;
}

/**
 * What a model is called where nobody says it: as the folder that somebody named for it, or after its pictures.
 * @param out its folder, where it was named
 */
export function modelNameOf(source: string, out?: string): string {
  const name = out === undefined ? `${idOf(nameOfPictures(source))}-model` : idOf(basename(resolve(out)));
  return isReservedName(name) ? `${name}-model` : name;
}

/** The last step of a path: what pictures are known by, wherever they lie. */
export function nameOfPictures(source: string): string {
  return basename(resolve(source));
}

/** The manifest of a model of such a name would take the place of its settings. */
export function isReservedName(name: string): boolean {
  return `${name}.json` === settingsFile;
}

/** What was said beside the settings of an earlier model. */
export type SaidSettings = Omit<RetrainSettings, "source">;

/**
 * What a model was made with, and what is said beside it: the latter counts. A name and a folder that nobody chose follow what is said: as if
 * the earlier model had been made so at once.
 * @returns undefined where no pictures are named
 */
export function settingsBeside(
  earlier: RetrainSettings | undefined,
  source: string | undefined,
  said: SaidSettings,
): RetrainSettings | undefined {
  const pictures = source ?? earlier?.source;
  if (pictures === undefined) return undefined;
  if (earlier === undefined) return { source: pictures, ...said };
  const { out, name } = earlier;
  const usual = modelNameOf(earlier.source);
  const isUsual = { out: out === undefined || basename(out) === usual, name: name === modelNameOf(earlier.source, out) };
  const kept = {
    ...earlier,
    source: pictures,
    out: source !== undefined && isUsual.out ? undefined : out,
    name: isUsual.name ? undefined : name,
  };
  return { ...kept, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}

/**
 * Reads a model's `settings.json`, or that in its folder.
 * @throws {TF_INPUT_NOT_FOUND} when there is none
 * @throws {TF_CONFIG_INVALID} when it is no such file
 */
export async function readSettings(path: string): Promise<RetrainSettings> {
  const file = (await pathKind(path)) === "folder" ? resolve(path, settingsFile) : path;
  const text = await readTextFile(file);
  try {
    const { schema: _, ...settings } = settingsSchema.parse(JSON.parse(text));
    return settings;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : "it is no JSON";
    throw new TensorFaceError("TF_CONFIG_INVALID", `"${file}" does not say how a model was made: ${why}`, { cause });
  }
}

/** What the model in a folder was made with; undefined where no model of ours is in it. */
export async function settingsIn(folder: string): Promise<RetrainSettings | undefined> {
  const path = join(folder, settingsFile);
  return (await pathKind(path)) === "file" ? readSettings(path).catch(() => undefined) : undefined;
}

/** Paths are written whole, so that they hold from any folder. */
export async function writeSettings(path: string, settings: RetrainSettings): Promise<void> {
  const { source, out, cache } = settings;
  const backbone = settings.backbone && (await wholeNetworks(settings.backbone));
  const whole = { ...settings, source: resolve(source), out: out && resolve(out), cache: cache && resolve(cache), backbone };
  const { schema: _, ...kept } = settingsSchema.parse({ schema: schemaName, ...whole });
  await writeFileAtomically(path, `${JSON.stringify({ schema: schemaName, ...kept }, undefined, 2)}\n`);
}

/** Networks with commas between: names stay what they are, paths are written whole. */
async function wholeNetworks(networks: string): Promise<string> {
  return (await Promise.all(networks.split(",").map(wholeNetwork))).join(",");
}

async function wholeNetwork(name: string): Promise<string> {
  const looksLikePath = !name.startsWith("nsfwjs/") && /[/\\]|\.\w+$/.test(name);
  const path = resolve(name);
  // A comma in it would be read as two networks.
  return looksLikePath && !path.includes(",") && (await pathKind(name)) !== "none" ? path : name;
}
