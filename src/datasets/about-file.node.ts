import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, readTextFile, writeInLockedFolder } from "../files/files.node.ts";
import { requestKinds, type TaskRequest } from "./tasks.ts";

/** Beside an export: what the layouts of others have no place for, so that an import needs to be told nothing. */
const fileName = "tensorface.json";

const requestSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(requestKinds).optional(),
  labels: z.array(z.string()).readonly().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  unit: z.string().optional(),
});

const aboutSchema = z.strictObject({
  schema: z.literal("tensorface.labels/1"),
  /** The source's name in ids and records. */
  name: z.string(),
  title: z.string(),
  url: z.string().optional(),
  licence: z.string(),
  /** What the labels tell; of the built-in tasks only where the layout does not say it. */
  tasks: z.array(requestSchema),
  /** The column of each task that has another name there. */
  columns: z.record(z.string(), z.string()).optional(),
});
export type AboutLabels = Omit<z.infer<typeof aboutSchema>, "schema">;

/** @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function writeAbout(folder: string, about: AboutLabels): Promise<void> {
  await writeInLockedFolder(join(folder, fileName), `${JSON.stringify({ schema: "tensorface.labels/1", ...about }, null, 2)}\n`);
}

/** What an export says beside its labels; undefined where none was written. @throws {TF_DATASET_INVALID} when it is damaged */
export async function readAbout(folder: string): Promise<AboutLabels | undefined> {
  const path = join(folder, fileName);
  if ((await pathKind(path)) !== "file") return undefined;
  const text = await readTextFile(path);
  try {
    const { schema: _, ...about } = aboutSchema.parse(JSON.parse(text));
    return about;
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" does not describe labels: ${what}`, {
      cause: error,
      hint: "An export wrote it. Remove it to import without it, and say with --task what the labels tell.",
    });
  }
}

/** The tasks of an export as an import asks for them: what somebody added to the labels since is taken too. */
export function openTasks(about: AboutLabels | undefined): TaskRequest[] {
  return (about?.tasks ?? []).map((task) => Object.assign({}, task, task.labels === undefined ? {} : { isOpen: true }));
}
