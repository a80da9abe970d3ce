import { readFile } from "node:fs/promises";
import { TensorFaceError } from "../core/index.ts";
import { readFailure } from "../files/files.node.ts";
import { type BlurPlan, readBlurPlan } from "./blur/plan.ts";

/** @throws {TF_INVALID_ARGUMENT} when it is of a picture of another size */
export async function openPlan(path: string, size: { readonly width: number; readonly height: number }): Promise<BlurPlan> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readFailure(error, path);
  });
  const plan = readBlurPlan(text, path);
  if (plan.width === size.width && plan.height === size.height) return plan;
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `${path} is of pictures of ${plan.width} x ${plan.height} pixels, these have ${size.width} x ${size.height}`,
  );
}
