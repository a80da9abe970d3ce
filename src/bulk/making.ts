import { rm, stat } from "node:fs/promises";
import { z } from "zod";
import type { AnalyzerOptions, FaceAnalyzer } from "../analyze/index.ts";
import { nameBeside, pathKind, readTextFile, writeFileAtomically } from "../files/files.node.ts";

/** The networks that had a say, by what their files hold. */
export type UsedModels = readonly { readonly id: string; readonly sha256: string }[];

const optionNames = ["minFaceSize", "minScore", "maxFaces", "anyRotation"] as const satisfies readonly (keyof AnalyzerOptions)[];

const makingSchema = z.strictObject({
  models: z.array(z.strictObject({ id: z.string(), sha256: z.string() })),
  options: z.partialRecord(z.enum(optionNames), z.union([z.number(), z.boolean()])),
});

/** What a table of results was made with, as far as its columns do not show it: rows of two makings must not stand in one. */
export type Making = z.infer<typeof makingSchema>;

const recordSchema = z.strictObject({
  schema: z.literal("tensorface.results/1"),
  ...makingSchema.shape,
  /** Of the finished results: a file of another length is another one. Absent while they are written. */
  bytes: z.int().optional(),
});

/** What `analyzer`, made with these options, makes results with. */
export function makingOf(analyzer: Pick<FaceAnalyzer<never>, "manifests">, options: AnalyzerOptions): Making {
  const given = optionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]));
  return { models: usedModels(analyzer), options: Object.fromEntries(given) };
}

export function usedModels({ manifests }: Pick<FaceAnalyzer<never>, "manifests">): Making["models"] {
  return manifests.map(({ id, sha256 }) => ({ id, sha256 }));
}

/** Results in CSV or JSON Lines cannot say it of themselves: it stands in a hidden file beside them. */
const recordOf = (path: string): string => nameBeside(path, ".", ".made.json");

/** @param bytes of results that are finished */
export async function writeMaking(path: string, making: Making, bytes?: number): Promise<void> {
  await writeFileAtomically(recordOf(path), `${JSON.stringify({ schema: "tensorface.results/1", ...making, bytes })}\n`);
}

export async function removeMaking(path: string): Promise<void> {
  await rm(recordOf(path), { force: true });
}

/** What the results at `path` were made with; undefined where nothing tells it. */
export async function readMaking(path: string): Promise<Making | undefined> {
  const record = recordOf(path);
  if ((await pathKind(record)) !== "file") return undefined;
  const { data } = recordSchema.safeParse(parsed(await readTextFile(record)));
  if (data === undefined || (data.bytes !== undefined && data.bytes !== (await stat(path)).size)) return undefined;
  return { models: data.models, options: data.options };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How two makings differ, in words; undefined where they do not. */
export function differentMaking(before: Making, now: Making): string | undefined {
  const model = differentModels(before.models, now.models, "it");
  if (model !== undefined) return model;
  const name = optionNames.find((option) => before.options[option] !== now.options[option]);
  if (name === undefined) return undefined;
  const shown = ({ options }: Making): string => String(options[name] ?? "the default");
  return `it was made with ${name} ${shown(before)}, and asked for is ${shown(now)}`;
}

/** @param what was made with the earlier ones */
export function differentModels(before: UsedModels, now: UsedModels, what: string): string | undefined {
  for (const { id, sha256 } of before) {
    const same = now.find((model) => model.id === id);
    if (same === undefined) return `${what} was made with the model "${id}", which is not used here`;
    if (same.sha256 !== sha256) return `the model "${id}" is another one than when ${what} was made`;
  }
  const more = now.find(({ id }) => !before.some((model) => model.id === id));
  return more === undefined ? undefined : `the model "${more.id}" was not there when ${what} was made`;
}
