import { writeFile } from "node:fs/promises";
import { formatStats, openPlan, type ShardReply, type ShardRequest } from "../../src/bulk/testing.ts";

/** A process that looks at no picture: what is left of the time is what workers need to agree. */
const opened = await openPlan(process.env["BULK_PLAN"] ?? "");
const send = (reply: ShardReply): void => void process.send?.(reply);
process.on("message", (request: ShardRequest) => {
  if (request.kind !== "write") {
    send({ kind: "ready" });
    return;
  }
  void write(request.shard);
});

async function write(number: number): Promise<void> {
  const { shard, hash, pictures } = opened.shards[number]!;
  const path = opened.folder.result({ shard, hash });
  await writeFile(path, "");
  const file = path.slice(path.lastIndexOf("/") + 1);
  const stats = { schema: "tensorface.bulk-shard/1", shard, hash, pictures, faces: 0, failed: {}, file, bytes: 0, sha256: "" } as const;
  await writeFile(opened.folder.stats(shard), formatStats(stats));
  send({ kind: "written", stats });
}
