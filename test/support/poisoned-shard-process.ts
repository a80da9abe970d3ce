import { serveShards } from "../../src/bulk/shards/serve-shards.ts";
import { sourceOf } from "../../src/bulk/sources/entry.ts";

/** The process that looks at pictures, which some pictures end: those called poison. */
serveShards({
  onPicture: (entry) => {
    if (sourceOf(entry).includes("-poison.")) process.kill(process.pid, "SIGKILL");
  },
});
