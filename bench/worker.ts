import { z } from "zod";
import { engineNames, loadEngine } from "./engines/engine.ts";

/** One engine in a process of its own. It does what the parent says, one thing at a time, and tells how long that took. */
const messageSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("load"), engine: z.enum(engineNames) }),
  z.object({ do: z.literal("one"), path: z.string() }),
  z.object({ do: z.literal("many"), paths: z.array(z.string()) }),
  z.object({ do: z.literal("memory") }),
]);

let engine: Awaited<ReturnType<typeof loadEngine>> | undefined;

async function obey(message: z.infer<typeof messageSchema>): Promise<unknown> {
  if (message.do === "memory") return { peakBytes: process.resourceUsage().maxRSS * 1024 };
  if (message.do === "load") {
    engine = await loadEngine(message.engine);
    return { name: engine.name, version: engine.version, setup: engine.setup };
  }
  if (engine === undefined) throw new Error("no engine is loaded");
  const start = performance.now();
  if (message.do === "many") {
    const faces = await engine.analyzeAll(message.paths);
    return { ms: performance.now() - start, faces };
  }
  const { faces, stages } = await engine.analyze(message.path);
  return { ms: performance.now() - start, faces: faces.length, stages };
}

process.on("message", (message) => {
  obey(messageSchema.parse(message)).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
