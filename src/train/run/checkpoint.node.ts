import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { type Float32Tensor, type Tensor, TensorFaceError } from "../../core/index.ts";
import { readRegularFile, writeInLockedFolder } from "../../files/files.node.ts";
import { describeIssue, type TrainingConfig, trainingConfigSchema } from "../config.ts";
import type { LoopState } from "./loop.ts";
import type { Weights } from "../network/network.ts";
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
  spent: z.strictObject({ seconds: z.number(), cpuSeconds: z.number() }).optional(),
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

const format = "tensorface.checkpoint/2";
/** The first version had no checksum. */
const formats: readonly (string | undefined)[] = ["tensorface.checkpoint/1", format];
/** Of a file of weights, bytes: what one buffer can hold. */
export const largestWeights = 2 ** 32;

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
  const sha256 = digestOf({ tensors, metadata });
  await writeInLockedFolder(path, encodeSafetensors({ tensors, metadata: { ...metadata, sha256 } }));
}

/**
 * Reads a checkpoint.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it cannot be read
 * @throws {TF_MODEL_INVALID} when it is no checkpoint, or one of another version
 * @throws {TF_MODEL_CORRUPT} when it is not as it was written
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readTensors(path);
  const facts = readFacts(metadata, path);
  if (facts === undefined) throw new TensorFaceError("TF_MODEL_INVALID", `"${path}" is not a checkpoint of this version`);
  return { tensors: floatTensors(tensors), ...facts };
}

/**
 * What a safetensors file says of the training that wrote it; undefined for one that is no checkpoint of this project.
 * @param path where it was read, for the message
 * @throws {TF_MODEL_INVALID} when this version cannot read what it says, naming the fields
 */
export function readFacts(metadata: Readonly<Record<string, string>>, path: string): CheckpointFacts | undefined {
  if (!formats.includes(metadata["format"])) return undefined;
  const state = parseFact(stateSchema, metadata, "state", path);
  return {
    config: parseFact(trainingConfigSchema, metadata, "config", path),
    state: { ...state, best: state.best },
    dataHash: metadata["dataHash"] ?? "",
    gitCommit: metadata["gitCommit"] ?? "",
  };
}

function parseFact<Fact>(schema: z.ZodType<Fact>, metadata: Readonly<Record<string, string>>, name: string, path: string): Fact {
  const invalid = (what: string, cause?: unknown): TensorFaceError =>
    new TensorFaceError("TF_MODEL_INVALID", `the ${name} in the checkpoint "${path}" cannot be read: ${what}`, {
      cause,
      hint: "Read it with the version that wrote it, or train anew with this one.",
    });
  let value: unknown;
  try {
    value = JSON.parse(metadata[name] ?? "");
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw invalid(result.error.issues.map(describeIssue).join("; "), result.error);
  return result.data;
}

/**
 * Reads weights by name from any safetensors file of float32 tensors.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it cannot be read
 * @throws {TF_MODEL_INVALID} when it is no such file
 */
export async function readWeights(path: string): Promise<Weights> {
  return floatTensors((await readTensors(path)).tensors);
}

/**
 * Reads any safetensors file; a checkpoint of this project must be as it was written.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when it cannot be read
 * @throws {TF_MODEL_INVALID} when it is no such file
 * @throws {TF_MODEL_CORRUPT} when the numbers of a checkpoint are not those that were written
 */
export async function readTensors(path: string): Promise<SafetensorsFile & { readonly bytes: Uint8Array }> {
  const bytes = await readRegularFile(path, { maxBytes: largestWeights });
  const file = { ...decodeSafetensors(bytes), bytes };
  const { sha256 } = file.metadata;
  const isWhole = sha256 === undefined ? file.metadata["format"] !== format : sha256 === digestOf(file);
  if (isWhole || !formats.includes(file.metadata["format"])) return file;
  throw new TensorFaceError(
    "TF_MODEL_CORRUPT",
    `the checkpoint "${path}" is damaged: it does not have the checksum that was written into it`,
    {
      hint: "Put a copy of it in its place, or train anew in another folder with --out.",
    },
  );
}

/** SHA-256 of all that a checkpoint holds, hexadecimal: a bit that flips on a disk changes numbers, and no format would notice. */
function digestOf({ tensors, metadata }: SafetensorsFile): string {
  const hash = createHash("sha256");
  const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
  const facts = Object.entries(metadata).filter(([name]) => name !== "sha256");
  hash.update(JSON.stringify(facts.sort(byName)));
  for (const [name, { type, shape, data }] of [...tensors].sort(byName)) {
    hash.update(JSON.stringify([name, type, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
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

/**
 * Checks that a training goes on with what it began with.
 * @throws {TF_CHECKPOINT_MISMATCH} naming the fields of the configuration that differ, or the data
 */
export function checkResumable(checkpoint: CheckpointFacts, now: Pick<CheckpointFacts, "config" | "dataHash">): void {
  checkSameConfig(checkpoint, now.config);
  checkSameData(checkpoint, now.dataHash);
}

/** @throws {TF_CHECKPOINT_MISMATCH} naming the fields that have a say in what is computed, and differ */
export function checkSameConfig(checkpoint: CheckpointFacts, config: TrainingConfig, hint?: string): void {
  const differences = differingFields(withoutPlaces(checkpoint.config), withoutPlaces(config));
  if (differences.length === 0) return;
  throw mismatch(`the configuration differs from the checkpoint's in ${differences.join(", ")}`, hint);
}

/** @throws {TF_CHECKPOINT_MISMATCH} when the data are not those of the checkpoint */
export function checkSameData(checkpoint: CheckpointFacts, dataHash: string, hint?: string): void {
  if (checkpoint.dataHash !== dataHash) throw mismatch("pictures, labels or splits of the data differ from those of the checkpoint", hint);
}

function mismatch(message: string, hint: string | undefined): TensorFaceError {
  return new TensorFaceError("TF_CHECKPOINT_MISMATCH", message, hint === undefined ? {} : { hint });
}

/** Fields without a say in what is computed: they may change from one session to the next. */
const neutralFields: ReadonlySet<string> = new Set(["description", "logEvery", "checkpointMinutes"]);

function differingFields(before: TrainingConfig, after: TrainingConfig): string[] {
  return differingPaths(before, after, "").filter((path) => !neutralFields.has(path));
}

/** Where data and teachers' answers lie has no say: their content is compared, see {@link CheckpointFacts.dataHash}. They may have been moved. */
function withoutPlaces(config: TrainingConfig): TrainingConfig {
  return {
    ...config,
    data: config.data.map((source) => ({ ...source, path: "" })),
    losses: config.losses.map((loss) =>
      loss.kind === "distillation" ? { ...loss, teacher: { ...loss.teacher, predictions: loss.teacher.predictions.map(() => "") } } : loss,
    ),
  };
}

/** Where two values of JSON differ, as deep as both have the same kind: `picture.mean`, `data.0.crop.x`. */
function differingPaths(before: unknown, after: unknown, path: string): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  if (old === undefined || now === undefined) return [path];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) =>
    differingPaths(old.get(name), now.get(name), path === "" ? name : `${path}.${name}`),
  );
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
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
