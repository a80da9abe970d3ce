import { expect, test, vi } from "vitest";
import { TensorFaceError } from "../../core/index.ts";
import { gradientExtractor } from "../../features/network-features.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { measureTemplate } from "./measure.ts";

vi.mock(import("../../image/in-memory.node.ts"), async (original) => ({
  ...(await original()),
  loadSharp: () => Promise.reject(new TensorFaceError("TF_SYSTEM_UNSUPPORTED", "sharp does not run on this system")),
}));

const pictures = [{ path: "examples/astronaut.png" }, { path: "examples/none.png" }];

test("where pictures cannot be decoded at all, that is said, and not that none could be read", async () => {
  await expect(measureTemplate(pictures, { runtime: createNodeRuntime() })).rejects.toMatchObject({ code: "TF_SYSTEM_UNSUPPORTED" });
  await expect(gradientExtractor.extract(pictures)).rejects.toMatchObject({ code: "TF_SYSTEM_UNSUPPORTED" });
});
