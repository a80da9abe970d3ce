import { execFile } from "node:child_process";
import { open, readFile, rename } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { type Float32Tensor, type Tensor, TensorFaceError } from "../core/index.ts";
import { readFailure, writeFailure } from "../datasets/files.node.ts";
import { type TrainingConfig, trainingConfigSchema } from "./config.ts";
import type { LoopState } from "./loop.ts";
import type { Weights } from "./network.ts";
import { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "./safetensors.ts";

/**
 * Checkpoints: a safetensors file with every tensor of the step, and in its metadata all else that a resumed training needs.
 */

const stateSchema = z.strictObject({
  step: z.int().min(0),
  epoch: z.int().min(0),
  batch: z.int().min(0),
  sums: z.strictObject({
    batches: z.int().min(0),
    loss: z.number(),
    terms: z.record(z.string(), z.strictObject({ sum: z.number(), batches: z.int().min(0) })),
  }),
  best: z.strictObject({ epoch: z.int(), score: z.number() }).optional(),
  stale: z.int().min(0),
  isDone: z.boolean(),
});

/** What a checkpoint says of itself; safetensors keeps metadata as texts, these are JSON. */
export interface CheckpointFacts {
  readonly config: TrainingConfig;
  readonly state: LoopState;
  /** See `TrainingData.hash`. */
  readonly dataHash: string;
  /** The commit of the working directory's repository, `-dirty` where files differ from it; `unknown` outside of one. */
  readonly gitCommit: string;
}

export interface Checkpoint extends CheckpointFacts {
  readonly tensors: ReadonlyMap<string, Float32Tensor>;
}

const format = "tensorface.checkpoint/1";

/** Writes a checkpoint: to a file beside it first, so that a kill at any moment leaves the old one or the new one whole. */
export async function writeCheckpoint(path: string, { tensors, config, state, dataHash, gitCommit }: Checkpoint): Promise<void> {
  const metadata = {
    format,
    config: JSON.stringify(config),
    state: JSON.stringify({ ...state, best: state.best ?? undefined }),
    seed: String(config.seed),
    dataHash,
    gitCommit,
  };
  await writeFileAtomically(path, encodeSafetensors({ tensors, metadata }));
}

/**
 * Reads a checkpoint.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it cannot be read
 * @throws {TF_MODEL_INVALID} when it is no checkpoint, or one of another version
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata["format"] !== format) throw new TensorFaceError("TF_MODEL_INVALID", `"${path}" is not a checkpoint of this version`);
  const state = stateSchema.parse(JSON.parse(metadata["state"] ?? ""));
  return {
    tensors: floatTensors(tensors),
    config: trainingConfigSchema.parse(JSON.parse(metadata["config"] ?? "")),
    state: { ...state, best: state.best },
    dataHash: metadata["dataHash"] ?? "",
    gitCommit: metadata["gitCommit"] ?? "",
  };
}

/**
 * Reads weights by name from any safetensors file of float32 tensors.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it cannot be read
 * @throws {TF_MODEL_INVALID} when it is no such file
 */
export async function readWeights(path: string): Promise<Weights> {
  return floatTensors((await readSafetensors(path)).tensors);
}

async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  return decodeSafetensors(bytes);
}

function floatTensors(tensors: ReadonlyMap<string, Tensor>): Map<string, Float32Tensor> {
  return new Map([...tensors].map(([name, tensor]) => [name, requireFloat(name, tensor)]));
}

function requireFloat(name: string, tensor: { readonly type: string }): Float32Tensor {
  if (isFloat(tensor)) return tensor;
  throw new TensorFaceError("TF_MODEL_INVALID", `tensor "${name}" is ${tensor.type}, expected float32`);
}

function isFloat(tensor: { readonly type: string }): tensor is Float32Tensor {
  return tensor.type === "float32";
}

/** Writes bytes to `path.partial`, flushes them to the disk and puts the file in place. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/**
 * Checks that a training goes on with what it began with.
 * @throws {TF_CHECKPOINT_MISMATCH} naming the fields of the configuration that differ, or the data
 */
export function checkResumable(checkpoint: CheckpointFacts, now: Pick<CheckpointFacts, "config" | "dataHash">): void {
  const differences = differingFields(checkpoint.config, now.config);
  if (differences.length > 0) {
    throw new TensorFaceError("TF_CHECKPOINT_MISMATCH", `the configuration differs from the checkpoint's in ${differences.join(", ")}`);
  }
  if (checkpoint.dataHash !== now.dataHash) {
    throw new TensorFaceError("TF_CHECKPOINT_MISMATCH", "pictures, labels or splits of the data differ from those of the checkpoint");
  }
}

const recordSchema = z.record(z.string(), z.unknown());

/** Fields without a say in what is computed: they may change from one session to the next. */
const neutralFields: ReadonlySet<string> = new Set(["description", "logEvery", "checkpointMinutes"]);

function differingFields(before: TrainingConfig, after: TrainingConfig): string[] {
  const [old, now] = [recordSchema.parse(before), recordSchema.parse(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !neutralFields.has(name));
  return names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

/** The commit that the working directory stands on. */
export async function describeCommit(): Promise<string> {
  const git = async (...args: string[]): Promise<string> => (await promisify(execFile)("git", args)).stdout.trim();
  try {
    const commit = await git("rev-parse", "HEAD");
    return (await git("status", "--porcelain", "--untracked-files=no")) === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown";
  }
}
