import { createBrowserRuntime } from "../../src/runtime/runtime.browser.ts";
import { type StepsAnswer, takeSteps } from "./steps.ts";

/** What the test calls in the page. */
declare global {
  // oxlint-disable-next-line no-var -- a property of the page's global object
  var trainHere: (device: "webgpu" | "wasm") => Promise<TrainingAnswer>;
}

export interface TrainingAnswer extends StepsAnswer {
  /** What the runtime offers, its default first. */
  readonly devices: readonly string[];
}

globalThis.trainHere = async (device) => {
  const runtime = await createBrowserRuntime({ devices: [device, "wasm"] });
  return { devices: runtime.devices, ...(await takeSteps(runtime, device)) };
};
