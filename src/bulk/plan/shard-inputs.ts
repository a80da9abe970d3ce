import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { TensorFaceError } from "../../core/index.ts";
import { readRegularFile } from "../../files/files.node.ts";
import { type Entry, parseEntry } from "../sources/entry.ts";
import { hashOfShard, hashOfWork, type OpenPlan, type PlannedShard } from "./plan-file.ts";

const unpack = promisify(gunzip);
/** Bytes of a shard's names: a hundred thousand long ones. */
const inputsLimit = 1 << 28;

/**
 * The pictures of a shard, in their order.
 * @throws {TF_BULK_DAMAGED} when they are not those of the plan
 */
export async function readShardInputs({ folder, plan }: OpenPlan, { shard, hash, pictures }: PlannedShard): Promise<Entry[]> {
  const path = folder.inputs(shard);
  const packed = await readRegularFile(path, { maxBytes: inputsLimit });
  const damaged = (cause?: unknown): TensorFaceError =>
    new TensorFaceError("TF_BULK_DAMAGED", `"${path}" is not the list of pictures that was planned`, { cause });
  const text = await unpack(packed, { maxOutputLength: inputsLimit }).catch((error: unknown) => Promise.reject(damaged(error)));
  if (hashOfShard(hashOfWork(plan), text) !== hash) throw damaged();
  const entries = text.toString("utf8").split("\n").slice(0, -1).map(parseEntry);
  if (entries.length !== pictures) throw damaged();
  return entries;
}
