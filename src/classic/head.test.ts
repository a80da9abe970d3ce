import { expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { initialHead, openTrainer } from "./head.ts";

test("where the second of a layer's two networks is not taken, the first is let go of", async () => {
  const engine = createNodeRuntime();
  let [loads, open] = [0, 0];
  const runtime: InferenceRuntime = {
    ...engine,
    load: async (...asked) => {
      if (++loads === 2) throw new Error("no memory is left");
      const session = await engine.load(...asked);
      open++;
      return {
        ...session,
        dispose: async () => {
          open--;
          await session.dispose();
        },
      };
    },
  };
  const opened = openTrainer(runtime, initialHead(4, 2, createRandom(1)), { batchSize: 2, learningRate: 0.1 });
  await expect(opened).rejects.toThrow("no memory is left");
  expect(loads).toBe(2);
  expect(open).toBe(0);
});
