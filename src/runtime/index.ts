/** The port; the adapters are bound by the entries: `runtime.node.ts`, `runtime.browser.ts`. */
export type { InferenceRuntime, InferenceSession, LoadOptions, NetworkSource, TensorInfo } from "./runtime.ts";
export { type ProbeSize, verifyConversion } from "./verify-conversion.ts";
