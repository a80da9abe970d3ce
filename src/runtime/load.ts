import type { InferenceSession as EngineSession } from "onnxruntime-common";
import { TensorFaceError } from "../core/index.ts";
import type { InferenceSession, NetworkSource } from "./runtime.ts";
import { errorText } from "./session.ts";

/**
 * The devices to try, in turn: the one asked for, or all.
 * @throws {TF_DEVICE_UNAVAILABLE} when `wanted` is not one of `devices`
 */
export function candidateDevices(devices: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return devices;
  if (devices.includes(wanted)) return [wanted];
  throw new TensorFaceError("TF_DEVICE_UNAVAILABLE", `device "${wanted}" is not available; here are ${devices.join(", ")}`, {
    hint: `Choose one of those; \`${devices.includes("cpu") ? "cpu" : "wasm"}\` is always there.`,
  });
}

/** What an engine can open. */
export async function readSource(source: NetworkSource): Promise<Uint8Array | string> {
  return typeof source === "function" ? source() : source;
}

/** How a node of an ONNX file says what it does: field 4, as long as the name. */
const groupNorm = new TextEncoder().encode("\u0022\u0012GroupNormalization");

/** Whether a file has group norms: the engine's own are wrong where a group is bright and nearly even. */
export function holdsGroupNorm(bytes: Uint8Array): boolean {
  const rarest = groupNorm.indexOf(0x47);
  for (let at = bytes.indexOf(0x47, rarest); at !== -1; at = bytes.indexOf(0x47, at + 1))
    if (groupNorm.every((byte, index) => bytes[at - rarest + index] === byte)) return true;
  return false;
}

/**
 * Loads on the first device that works; the last failure is thrown.
 * @param hintOf what to do about a device that does not start, by the engine's words
 */
export async function loadOnFirst(
  devices: readonly string[],
  load: (device: string) => Promise<InferenceSession>,
  hintOf: (reason: string) => string | undefined = () => undefined,
): Promise<InferenceSession> {
  const [device, ...others] = devices;
  try {
    return await load(device!);
  } catch (error) {
    if (others.length > 0) return loadOnFirst(others, load, hintOf);
    if (error instanceof TensorFaceError) throw error;
    const reason = errorText(error);
    if (!isDeviceFailure(error)) throw new TensorFaceError("TF_MODEL_INVALID", reason, { cause: error });
    const hint = hintOf(reason);
    throw new TensorFaceError("TF_DEVICE_UNAVAILABLE", reason, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The engine reports a missing device and an unreadable file by one class of error; only its words differ. */
function isDeviceFailure(error: unknown): boolean {
  return /backend|execution provider|adapter|shared library|\bdevice\b|libonnxruntime_providers/i.test(errorText(error));
}

/** Options that hold for every session on every engine. */
export const quiet: EngineSession.SessionOptions = {
  // Warnings are about the engine's own decisions (which kernel, which provider); errors are thrown anyway.
  logSeverityLevel: 4,
};

/**
 * What every session is told so that networks answer as their files say (the engine's `extra` settings).
 *
 * "Pad_Fusion" gives the padding of a `Pad` to the pool behind it, where zeros no longer count: a maximum of negative numbers changes without an
 * error, and a pool whose padding grows beyond its window is refused. "DivMulFusion" takes (1 / a) * b for b / a in whole numbers too, and
 * "MatMul_BatchNormalization_Fusion" a norm of rows for one of columns where something turns the product in between. Level 1 is float32 for products with
 * weights of 8 bits, for which the engine rounds the other factor to 8 bits as well, so that small numbers beside a large one become 0.
 */
export const asWritten = {
  optimization: { disable_specified_optimizers: "Pad_Fusion;DivMulFusion;MatMul_BatchNormalization_Fusion" },
  session: { qdq_matmulnbits_accuracy_level: "1" },
} as const;
