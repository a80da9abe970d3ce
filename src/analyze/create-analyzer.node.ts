import { availableParallelism } from "node:os";
import { expectOptions, isWebObject } from "../core/index.ts";
import { explainNativeFailure } from "../files/native-failure.node.ts";
import type { PictureInput } from "../image/decode.node.ts";
import { createFaceAnalyzer } from "./analyzer.ts";
import type { WorkerOptions } from "./schedule/messages.ts";
import { WorkerThread } from "./schedule/worker-thread.node.ts";
import type { FaceAnalyzer } from "./face-analyzer.ts";
import { type AnalyzerOptions, type NodeAnalyzerOptions, nodeAnalyzerOptionNames } from "./options.ts";
import { checkOptions } from "./options-check.ts";

/** Each thread has networks of its own, and a quarter of a gigabyte of memory in all: more than this many must be asked for. */
const mostWorkers = 3;

/**
 * An analyzer for Node: onnxruntime-node on the networks that come with the package, sharp for pictures.
 *
 * @throws {TF_INVALID_ARGUMENT} for options out of range, and for names that are none
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_CORRUPT | TF_MODEL_INVALID} when a network cannot be used
 * @throws {TF_DEVICE_UNAVAILABLE} when the device is not there
 * @throws {TF_SYSTEM_UNSUPPORTED} when the engine has no build for this system
 *
 * @example
 * await using analyzer = await createAnalyzer();
 * const { faces } = await analyzer.analyze("photo.jpg");
 */
export async function createAnalyzer(options: NodeAnalyzerOptions = {}): Promise<FaceAnalyzer<PictureInput>> {
  expectOptions(options, nodeAnalyzerOptionNames);
  checkOptions(options);
  const { workers: count = defaultWorkers(options), modelsFolder, ...rest } = options;
  // This thread's networks use all cores, for a picture that comes alone; a worker's use their share.
  const threads = rest.threads ?? Math.max(1, Math.floor(availableParallelism() / (1 + count)));
  const start = (asked: AnalyzerOptions): WorkerThread => new WorkerThread({ ...optionsToSend(asked, threads), modelsFolder });
  // With the first analyzer: to import this package must not take the time that the engine's native build takes.
  const { createNodePlatform } = await import("./platform.node.ts").catch(explainNativeFailure);
  return createFaceAnalyzer({ ...createNodePlatform({ modelsFolder }), workers: { count, start } }, rest);
}

type SentOptions = { readonly [Name in keyof Required<Omit<WorkerOptions, "modelsFolder">>]: WorkerOptions[Name] };

/** The options, each by name: what else a caller's age groups hold may not survive the way to a thread. */
function optionsToSend(asked: AnalyzerOptions, threads: number): SentOptions {
  const { tasks, detector, minFaceSize, minScore, maxFaces, anyRotation, flipAveraging, device, concurrency } = asked;
  const models = asked.models?.map((model) => (isWebObject(model, "URL") ? model.href : model));
  const ageGroups = asked.ageGroups?.map(({ name, low, high }) => ({ name, low, high }));
  const limits = { maxBytes: asked.limits?.maxBytes, maxPixels: asked.limits?.maxPixels };
  return {
    tasks,
    models,
    detector,
    minFaceSize,
    minScore,
    maxFaces,
    anyRotation,
    ageGroups,
    flipAveraging,
    device,
    threads,
    concurrency,
    limits,
  };
}

/** None where somebody has said how many threads there shall be, or where another device than the processor computes. */
function defaultWorkers({ threads, device = "cpu" }: AnalyzerOptions): number {
  return threads === undefined && device === "cpu" ? Math.min(mostWorkers, availableParallelism() - 1) : 0;
}
