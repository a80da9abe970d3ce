import type { InferenceSession as EngineSession, Tensor as EngineTensor, TensorConstructor } from "onnxruntime-common";
import { reasonOf, type Tensor, TensorFaceError } from "../core/index.ts";
import type { InferenceSession, TensorInfo } from "./runtime.ts";
import { checkTensor, copyTensor, fromEngineTensor, isElementType, toEngineTensor } from "./tensors.ts";

/** What differs between the engine's packages. */
export interface SessionHost {
  readonly device: string;
  /** The package's own tensor class: each package bundles one and accepts no other. */
  readonly Tensor: TensorConstructor;
  /** Whether tensors given as fetches are written by the engine itself; else the result is copied into them. */
  readonly writesInPlace: boolean;
  /** Runs `work` when the engine can take it; an engine that runs one call at a time queues here. */
  readonly schedule: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Called once, before the engine's session is released. */
  readonly onRelease?: (session: EngineSession) => void;
}

/** Gives the engine's session the shape of the port. @throws {TF_MODEL_INVALID} for inputs or outputs of unknown element types */
export function wrapSession(session: EngineSession, host: SessionHost): InferenceSession {
  return new WrappedSession(session, host);
}

class WrappedSession implements InferenceSession {
  readonly device: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #session: EngineSession;
  readonly #host: SessionHost;
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  constructor(session: EngineSession, host: SessionHost) {
    this.#session = session;
    this.#host = host;
    this.device = host.device;
    this.inputs = session.inputMetadata.map(describeTensor);
    this.outputs = session.outputMetadata.map(describeTensor);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[] | Readonly<Record<string, Tensor | null>> = this.outputs.map(({ name }) => name),
  ): Promise<Record<string, Tensor>> {
    if (this.#disposal !== undefined) throw new TensorFaceError("TF_DISPOSED", "the session was disposed");
    const engineFeeds = this.#engineFeeds(feeds);
    const targets = this.#targets(fetches);
    const run = this.#host.schedule(async () => this.#session.run(engineFeeds, this.#engineFetches(targets)));
    this.#running.add(run);
    try {
      return collectOutputs(await run, targets, this.#host.writesInPlace);
    } catch (error) {
      throw error instanceof TensorFaceError ? error : new TensorFaceError("TF_RUNTIME_FAILED", errorText(error), { cause: error });
    } finally {
      this.#running.delete(run);
    }
  }

  async dispose(): Promise<void> {
    this.#disposal ??= this.#release();
    return this.#disposal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #release(): Promise<void> {
    await Promise.allSettled(this.#running);
    this.#host.onRelease?.(this.#session);
    await this.#host.schedule(async () => this.#session.release());
  }

  #engineFeeds(feeds: Readonly<Record<string, Tensor>>): Record<string, EngineTensor> {
    const unknown = Object.keys(feeds).find((name) => this.inputs.every((info) => info.name !== name));
    if (unknown !== undefined) throw unknownName("input", unknown, this.inputs);
    return Object.fromEntries(
      this.inputs.map((info) => {
        const tensor = feeds[info.name];
        if (tensor === undefined) throw new TensorFaceError("TF_SHAPE_MISMATCH", `input "${info.name}" is missing`);
        checkTensor("input", info, tensor);
        return [info.name, toEngineTensor(tensor, this.#host.Tensor)];
      }),
    );
  }

  /** The wanted outputs, with the tensors to write them into. */
  #targets(fetches: readonly string[] | Readonly<Record<string, Tensor | null>>): ReadonlyMap<string, Tensor | null> {
    const targets = new Map(isNameList(fetches) ? fetches.map((name) => [name, null] as const) : Object.entries(fetches));
    for (const [name, tensor] of targets) {
      const info = this.outputs.find((output) => output.name === name);
      if (info === undefined) throw unknownName("output", name, this.outputs);
      if (tensor !== null) checkTensor("output", info, tensor);
    }
    return targets;
  }

  #engineFetches(targets: ReadonlyMap<string, Tensor | null>): Record<string, EngineTensor | null> {
    const { writesInPlace, Tensor } = this.#host;
    const entries = [...targets].map(
      ([name, target]) => [name, target !== null && writesInPlace ? toEngineTensor(target, Tensor) : null] as const,
    );
    return Object.fromEntries(entries);
  }
}

function isNameList(fetches: readonly string[] | Readonly<Record<string, Tensor | null>>): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function collectOutputs(
  results: EngineSession.OnnxValueMapType,
  targets: ReadonlyMap<string, Tensor | null>,
  writesInPlace: boolean,
): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {};
  for (const [name, target] of targets) {
    if (target !== null && writesInPlace) {
      outputs[name] = target;
      continue;
    }
    const result = fromEngineTensor(name, results[name]!);
    if (target !== null) copyTensor(result, target);
    outputs[name] = target ?? result;
  }
  return outputs;
}

function describeTensor(metadata: EngineSession.ValueMetadata): TensorInfo {
  if (!metadata.isTensor || !isElementType(metadata.type)) {
    const type = metadata.isTensor ? metadata.type : "no tensor";
    throw new TensorFaceError("TF_MODEL_INVALID", `"${metadata.name}" is ${type}, which TensorFace does not read`);
  }
  // A free size without a name comes as an empty text.
  return { name: metadata.name, type: metadata.type, shape: metadata.shape.map((size) => (size === "" ? "?" : size)) };
}

function unknownName(role: "input" | "output", name: string, known: readonly TensorInfo[]): TensorFaceError {
  const names = known.map((info) => `"${info.name}"`).join(", ");
  return new TensorFaceError("TF_SHAPE_MISMATCH", `the network has no ${role} "${name}"; its ${role}s are ${names}`);
}

/** The message of whatever was thrown. */
export function errorText(error: unknown): string {
  return reasonOf(error);
}
