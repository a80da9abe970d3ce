import { defineCommand, type Command } from "../command.ts";

/** `tensorface bulk ...`: more pictures than one run can hold. */
export const bulkCommand: Command = defineCommand({
  meta: { name: "bulk", description: "Analyse millions of pictures on any number of machines, each exactly once." },
  subCommands: {
    plan: async () => (await import("./bulk-plan.ts")).bulkPlanCommand,
    work: async () => (await import("./bulk-work.ts")).bulkWorkCommand,
    status: async () => (await import("./bulk-results.ts")).bulkStatusCommand,
    verify: async () => (await import("./bulk-results.ts")).bulkVerifyCommand,
    merge: async () => (await import("./bulk-results.ts")).bulkMergeCommand,
  },
  help: {
    examples: [
      ["tensorface bulk plan photos --out results", "cut a folder into shards; nothing is looked at yet"],
      ["tensorface bulk work results", "work until all is done; the same on any machine that sees the folder"],
      ["tensorface bulk status results", "how far it is, how fast, what failed"],
      ["tensorface bulk verify results", "read every result again and compare"],
      ["tensorface bulk merge results --out faces.parquet --rows faces", "one table, a row for each face"],
    ],
  },
});
