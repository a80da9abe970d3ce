import type { ErrorReport } from "../../core/index.ts";
import type { Recipe } from "../plan/make-plan.ts";
import type { BulkOptions } from "../plan/plan-file.ts";
import type { MachineOptions } from "../plan/recipe.ts";
import type { ShardStats } from "./stats.ts";

/** What a process that looks at pictures is begun with. */
export interface ShardProcessOptions {
  readonly folder: string;
  /** Where relative paths begin. @default as planned */
  readonly base?: string | undefined;
  /** Pictures that are not there are failed ones, however many: without it many in a row mean that their disk or server is away. */
  readonly allowMissing?: boolean | undefined;
  readonly machine: MachineOptions;
}

/** What goes to that process: what to find out before there is a plan; how to begin, a shard to write, or pictures of one that are only looked at. */
export type ShardRequest =
  | { readonly kind: "recipe"; readonly models: string; readonly options: BulkOptions }
  | { readonly kind: "open"; readonly options: ShardProcessOptions }
  | { readonly kind: "write"; readonly shard: number }
  | { readonly kind: "probe"; readonly shard: number; readonly from: number; readonly to: number };

/** How far a shard is: pictures, faces, and failures by their code. */
export interface ShardProgress {
  readonly pictures: number;
  readonly faces: number;
  readonly failed: Readonly<Record<string, number>>;
}

/** What comes back. */
export type ShardReply =
  | { readonly kind: "recipe"; readonly recipe: Omit<Recipe, "options"> }
  | { readonly kind: "ready" }
  | ({ readonly kind: "progress" } & ShardProgress)
  | { readonly kind: "written"; readonly stats: ShardStats }
  | { readonly kind: "probed" }
  | { readonly kind: "failed"; readonly error: ErrorReport };
