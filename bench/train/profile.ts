import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const eventsSchema = z.array(
  z.looseObject({
    cat: z.string(),
    name: z.string(),
    ts: z.number().default(0),
    dur: z.number().default(0),
    args: z.looseObject({ op_name: z.string().optional() }).default({}),
  }),
);

/** Runs that do not count: in them the engine takes its memory, which costs as much as a step. */
const warmUps = 2;

/**
 * Milliseconds a run that each kind of operation takes, from the engine's own profiler.
 * @param work gets the prefix for the profile's file and must end with the session's disposal, after more runs than the two that warm up
 */
export async function profileOperations(work: (prefix: string) => Promise<void>): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-profile-"));
  try {
    await work(join(folder, "profile"));
    const [file] = await readdir(folder);
    return sumOperations(JSON.parse(await readFile(join(folder, file!), "utf8")));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function sumOperations(profile: unknown): Record<string, number> {
  const events = eventsSchema.parse(profile);
  const starts = events.flatMap(({ name, ts }) => (name === "model_run" ? [ts] : [])).toSorted((a, b) => a - b);
  const counted = starts.slice(warmUps);
  const [from] = counted;
  if (from === undefined) throw new Error(`a profile needs more than ${warmUps} runs, it has ${starts.length}`);
  const operations: Record<string, number> = {};
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || ts < from || !name.endsWith("_kernel_time") || args.op_name === undefined) continue;
    operations[args.op_name] = (operations[args.op_name] ?? 0) + dur / 1000 / counted.length;
  }
  return operations;
}
