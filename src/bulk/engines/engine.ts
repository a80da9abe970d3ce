/**
 * Hands shards out. It guarantees that every shard of the plan that is not done is handed to somebody, and comes again when that one is killed
 * or away; a shard may be handed to two at once. It must not know what a shard is.
 */
export interface Engine {
  /**
   * Takes shards and works on them, one at a time, until none is left for this worker or `stopping` fires: what was begun is finished then.
   * @throws what the work throws, but for what comes and goes by itself
   */
  run(work: ShardWork, stopping: AbortSignal): Promise<void>;
}

/**
 * Does one shard.
 * @returns false where somebody else is at it
 * @throws {TF_INPUT_AWAY} when it may be tried later
 */
export type ShardWork = (shard: number) => Promise<boolean>;
