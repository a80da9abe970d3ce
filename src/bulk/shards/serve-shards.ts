import { isTensorFaceError, type ErrorReport, TensorFaceError } from "../../core/index.ts";
import { openPlan, type OpenPlan, type PlannedShard } from "../plan/plan-file.ts";
import { findRecipe, openPlannedAnalyzer } from "../plan/recipe.ts";
import { readShardInputs } from "../plan/shard-inputs.ts";
import type { Entry } from "../sources/entry.ts";
import { openSources } from "../sources/open.ts";
import type { ShardProcessOptions, ShardReply, ShardRequest } from "./messages.ts";
import { probeShard, type ShardRun, writeShard } from "./run-shard.ts";
import { readCulprits } from "./set-aside.ts";

/** What tests do in the middle of the work. */
export interface ServeShardsHooks {
  /** Called before each picture. */
  readonly onPicture?: (entry: Entry) => void;
  /** Gives what looks at the pictures. @default the networks of the plan */
  readonly openAnalyzer?: () => Promise<ShardRun["analyzer"]>;
  /** Gives a disk that fills up. */
  readonly open?: ShardRun["open"];
}

/**
 * The process that looks at pictures: it does what its parent asks, one thing after the other, and ends with it. A picture that ends a
 * process ends this one, and its parent knows.
 */
export function serveShards(hooks: ServeShardsHooks = {}): void {
  const now = new AbortController();
  // Ctrl-C reaches every process of a terminal: what it means is the parent's to say.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  let server: Promise<ShardServer> | undefined;
  process.on("message", (request: ShardRequest) => {
    void (async () => {
      if (request.kind === "recipe") send({ kind: "recipe", recipe: await findRecipe(request.models, request.options) });
      else if (request.kind === "open") {
        server = openServer(request.options, now.signal, hooks);
        await server;
        send({ kind: "ready" });
      } else if (request.kind === "write") send({ kind: "written", stats: await (await server!).write(request.shard) });
      else {
        await (await server!).probe(request);
        send({ kind: "probed" });
      }
    })().catch((error: unknown) => send({ kind: "failed", error: reportOf(error) }));
  });
}

interface ShardServer {
  write(shard: number): ReturnType<typeof writeShard>;
  probe(request: { readonly shard: number; readonly from: number; readonly to: number }): Promise<void>;
}

async function openServer(options: ShardProcessOptions, now: AbortSignal, hooks: ServeShardsHooks): Promise<ShardServer> {
  const { onPicture, openAnalyzer, open } = hooks;
  const opened = await openPlan(options.folder);
  const base = options.base ?? opened.plan.base;
  const analyzer = await (openAnalyzer?.() ?? openPlannedAnalyzer(opened.folder, opened.plan, options.machine));
  const run: ShardRun = {
    opened,
    analyzer,
    sources: openSources({ base, maxBytes: opened.plan.options.maxBytes }),
    base,
    allowMissing: options.allowMissing ?? false,
    onPicture,
    onProgress: (progress) => send({ kind: "progress", ...progress }),
    now,
    open,
  };
  return {
    write: async (number) => {
      const shard = shardOf(opened, number);
      return writeShard(run, shard, await readShardInputs(opened, shard), await readCulprits(opened.folder, number));
    },
    probe: async ({ shard, from, to }) => {
      const entries = await readShardInputs(opened, shardOf(opened, shard));
      await probeShard(run, entries.slice(from, to));
    },
  };
}

function shardOf({ shards }: OpenPlan, number: number): PlannedShard {
  const shard = shards[number];
  if (shard === undefined)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the plan has no shard ${number}: it has ${shards.length}, from 0`);
  return shard;
}

function reportOf(error: unknown): ErrorReport {
  if (isTensorFaceError(error)) return error.toJSON();
  return new TensorFaceError("TF_RUNTIME_FAILED", error instanceof Error ? (error.stack ?? error.message) : String(error)).toJSON();
}

function send(reply: ShardReply): void {
  // A parent that was killed in this moment hears nothing any more; this process is told, and ends.
  process.send?.(reply, undefined, undefined, () => undefined);
}
