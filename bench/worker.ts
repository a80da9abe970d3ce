import { z } from "zod";
import { type BenchEngine, engineNames, loadEngine } from "./engines/engine.ts";

const optionsSchema = z.strictObject({
  maxFaces: z.number().optional(),
  workers: z.number().optional(),
  limits: z.object({ maxPixels: z.number() }).optional(),
});

/** One engine in a process of its own. It does what the parent says, one thing at a time, and tells how long that took. */
const messageSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("load"), engine: z.enum(engineNames), build: z.string().optional(), options: optionsSchema.optional() }),
  z.object({ do: z.literal("one"), path: z.string() }),
  z.object({ do: z.literal("many"), paths: z.array(z.string()) }),
  z.object({ do: z.literal("refuse"), paths: z.array(z.string()) }),
  z.object({ do: z.literal("say"), paths: z.array(z.string()) }),
  z.object({ do: z.literal("life") }),
]);

let engine: BenchEngine | undefined;

async function obey(message: z.infer<typeof messageSchema>): Promise<unknown> {
  if (message.do === "life") {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    return { peakBytes: maxRSS * 1024, processorMs: (userCPUTime + systemCPUTime) / 1000 };
  }
  if (message.do === "load") {
    engine = await loadEngine(message.engine, message.options ?? {}, message.build);
    return { name: engine.name, version: engine.version, setup: engine.setup };
  }
  if (engine === undefined) throw new Error("no engine is loaded");
  if (message.do === "say") return { said: await engine.say?.(message.paths) };
  const asked = engine;
  if (message.do === "refuse") return timed(async () => ({ faces: await asked.countRefused?.(message.paths) }));
  return timed(async () => (message.do === "many" ? many(asked, message.paths) : one(asked, message.path)));
}

async function many(asked: BenchEngine, paths: readonly string[]): Promise<object> {
  return { faces: await asked.analyzeAll(paths) };
}

async function one(asked: BenchEngine, path: string): Promise<object> {
  const { faces, stages } = await asked.analyze(path);
  return { faces: faces.length, stages };
}

/** Wall time, and processor time of all of this process's threads. */
async function timed(work: () => Promise<object>): Promise<object> {
  const before = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { ms, processorMs: (user + system) / 1000, ...result };
}

process.on("message", (message) => {
  obey(messageSchema.parse(message)).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
