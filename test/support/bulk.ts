import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { makePlan, prepareRecipe, findInputs, workOnPlan, type WorkOptions } from "../../src/bulk/bulk-work.node.ts";
import { portrait } from "./pictures.ts";

/** So many small pictures: faces at sizes of their own, every fifth without one, and a broken file. */
export async function drawManyPictures(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const head = await sharp(portrait).extract({ left: 120, top: 10, width: 200, height: 200 }).toBuffer();
  for (let index = 0; index < count; index++) {
    const size = 96 + ((index * 13) % 40);
    const face = sharp(head)
      .resize(size)
      .modulate({ brightness: 0.8 + ((index * 7) % 40) / 100 });
    const empty = sharp({ create: { width: size, height: size, channels: 3, background: "#3d6a8f" } });
    await (index % 5 === 4 ? empty : face).jpeg({ quality: 85 }).toFile(join(folder, `${String(index).padStart(4, "0")}.jpg`));
  }
  await writeFile(join(folder, "broken.jpg"), "no picture");
}

export interface PlanFolderOptions {
  readonly shardSize: number;
  readonly inputs?: readonly string[];
  readonly base: string;
}

/** Plans pictures as the command does; one task, so that tests need not wait for all. */
export async function planFolder(out: string, { shardSize, inputs = ["photos"], base }: PlanFolderOptions): Promise<void> {
  const found = await findInputs(inputs, { base });
  await makePlan(out, found.entries, {
    inputs,
    base,
    roots: found.roots,
    shardSize,
    prepare: (models) => prepareRecipe({ tasks: ["gender"], models: [], ageGroups: "adience", device: undefined }, models),
  });
}

export type TestWork = Omit<WorkOptions, "stopping" | "now"> & Partial<Pick<WorkOptions, "stopping" | "now">>;

/** Works on a plan to its end, in one thread beside this one. */
export function workOn(out: string, options: TestWork = {}): ReturnType<typeof workOnPlan> {
  const never = new AbortController().signal;
  return workOnPlan(out, { machine: { workers: 0, threads: 1 }, stopping: never, now: never, ...options });
}

/** Every result in a folder by its name, as a hash of its bytes. */
export async function resultHashes(out: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(out)).filter((name) => /^\d+(?:-.*\.parquet|_stats\.json)$/.test(name)).toSorted();
  const hash = async (name: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(out, name)))
      .digest("hex");
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await hash(name)] as const)));
}

/** Drawn pictures in a folder of their own, planned, and what a run gives that nobody disturbs. */
export interface DrawnPlan {
  readonly base: string;
  readonly whole: Readonly<Record<string, string>>;
  readonly at: (name: string) => string;
  /** The plan again in a folder of this name, nothing done. */
  readonly planned: (name: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** @param pictures how many are drawn; a broken file comes beside. The undisturbed run lies in the folder `whole`. */
export async function drawPlan(pictures: number, shardSize: number, options: TestWork = {}): Promise<DrawnPlan> {
  const base = await mkdtemp(join(tmpdir(), "tensorface-bulk-"));
  const at = (name: string): string => join(base, name);
  await drawManyPictures(at("photos"), pictures);
  await planFolder(at("planned"), { shardSize, base });
  const planned = async (name: string): Promise<string> => {
    await cp(at("planned"), at(name), { recursive: true });
    return at(name);
  };
  await workOn(await planned("whole"), options);
  return { base, at, planned, whole: await resultHashes(at("whole")), remove: () => rm(base, { recursive: true, force: true }) };
}
