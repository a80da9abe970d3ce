#!/usr/bin/env bash
# Deno 2.9.6: a message to a worker of node:worker_threads that comes while the worker still awaits at its top level, before it listens on
# parentPort, is lost. Node keeps it until there is a listener, as its documentation of ports says, and so does Bun. A thread that opens
# something first and then listens never hears what it was asked.
# Seen: node: early, later; deno: later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --no-audit --no-fund --ignore-scripts --loglevel=error deno@2.9.6 >/dev/null
cat > worker.mjs <<'END'
import { parentPort } from "node:worker_threads";
await new Promise((resolve) => setTimeout(resolve, 500));
parentPort.on("message", (message) => parentPort.postMessage(message));
parentPort.postMessage("listening");
END
cat > main.mjs <<'END'
import { Worker } from "node:worker_threads";
const worker = new Worker(new URL("./worker.mjs", import.meta.url));
const heard = [];
worker.postMessage("early");
worker.on("message", (message) => {
  if (message === "listening") worker.postMessage("later");
  else heard.push(message);
  if (message !== "later") return;
  console.log(heard.join(", "));
  process.exit();
});
END
in_node=$(node main.mjs)
in_deno=$(timeout 60 node_modules/.bin/deno run --allow-all main.mjs)
echo "node: $in_node; deno: $in_deno"
[ "$in_node" = "early, later" ] && [ "$in_deno" = "later" ]
