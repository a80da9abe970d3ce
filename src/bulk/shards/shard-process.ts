import { serveShards } from "./serve-shards.ts";

serveShards();
