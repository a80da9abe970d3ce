import { appendFileSync, statSync } from "node:fs";
import { serveShards } from "../../src/bulk/shards/serve-shards.ts";

/** The process that looks at pictures, which ends three times at its first one, and the fourth time is at it for a minute. */
const marks = process.env["ENDLESS_MARKS"]!;
serveShards({
  onPicture: () => {
    appendFileSync(marks, "x");
    if (statSync(marks).size <= 3) process.kill(process.pid, "SIGKILL");
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
});
