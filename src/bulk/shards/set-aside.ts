import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorCatalogue, type ErrorReport, TensorFaceError } from "../../core/index.ts";
import { errnoOf, readFailure, sortedNames, writeFailure, writeFileAtomically, pathKind } from "../../files/files.node.ts";
import { type BulkFolder, shardName } from "../plan/plan-file.ts";

/** What is known of a shard that killed its workers. */
const setAsideSchema = z.strictObject({
  schema: z.literal("tensorface.bulk-set-aside/1"),
  shard: z.int(),
  /** Pictures that end the process, by their place in the shard. */
  culprits: z.array(z.strictObject({ index: z.int(), source: z.string() })),
  /** Why nobody tries the shard any more. Absent where it goes on without its culprits. */
  givenUp: z.string().optional(),
});
export type SetAside = Omit<z.infer<typeof setAsideSchema>, "schema">;

const fileOf = (folder: BulkFolder, shard: number): string => join(folder.setAside, `${shardName(shard)}.json`);

/** @returns undefined for a shard of which nothing is known */
export async function readSetAside(folder: BulkFolder, shard: number): Promise<SetAside | undefined> {
  const path = fileOf(folder, shard);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw readFailure(error, path);
  });
  return text === undefined ? undefined : setAsideSchema.parse(JSON.parse(text));
}

export async function writeSetAside(folder: BulkFolder, known: SetAside): Promise<void> {
  await mkdir(folder.setAside, { recursive: true }).catch((error: unknown) => Promise.reject(writeFailure(error, folder.setAside)));
  await writeFileAtomically(
    fileOf(folder, known.shard),
    `${JSON.stringify({ schema: "tensorface.bulk-set-aside/1", ...known }, undefined, 2)}\n`,
  );
}

/** All shards of which something is known. */
export async function listSetAside(folder: BulkFolder): Promise<SetAside[]> {
  if ((await pathKind(folder.setAside)) !== "folder") return [];
  const names = (await sortedNames(folder.setAside)).filter(({ name }) => /^\d+\.json$/.test(name));
  const all = await Promise.all(names.map(({ name }) => readSetAside(folder, Number.parseInt(name, 10))));
  return all.filter((known) => known !== undefined);
}

/** The pictures that nobody looks at, with what their rows say. */
export async function readCulprits(folder: BulkFolder, shard: number): Promise<ReadonlyMap<number, ErrorReport>> {
  const known = await readSetAside(folder, shard);
  return new Map(known?.culprits.map(({ index, source }) => [index, culpritReport(source)]));
}

function culpritReport(source: string): ErrorReport {
  const code = "TF_BULK_PROCESS_ENDED";
  return new TensorFaceError(code, `"${source}" ends the process that looks at it`, { hint: errorCatalogue[code].hint }).toJSON();
}
