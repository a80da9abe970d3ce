#!/usr/bin/env bash
# @parcel/watcher on Linux reports files in a renamed folder under the folder's old name, where nothing is, and does not see what happens below a folder that was moved in from elsewhere.
#
# npm @parcel/watcher 2.6.0 (inotify), beside chokidar 6.0.0, Node 24. `subscribe` watches a tree. Renames are documented as a `delete` of the old name and a `create` of the new one. A guess: a folder's
# rename is that for all that is in it, or for the folder alone; either way later events have the paths that files then have. Each folder has its own watch, which keeps the path it was made with; at
# a rename that of the folder itself is renewed, those below are not, and of a folder that comes from outside none below is made. Seen, a folder with 1, b/2 and b/c/3, moved, and then written to:
#   renamed in the tree, old to new:   delete /old, create /new;   then update /new/1, update /old/b/2, update /old/b/c/3, create /old/b/c/4
#   moved in as new:                   create /new;                then update /new/1, and nothing of the other three
#   chokidar, either:                  the moved files, and then change of /new/1, /new/b/2, /new/b/c/3 and add /new/b/c/4
# Whoever reads the files that are named gets ENOENT, or the wrong file where the old name has been given away again. getEventsSince with a snapshot has both right.
# Way out: chokidar, or to subscribe anew when a folder appears.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @parcel/watcher@2.6.0 chokidar@6.0.0 > /dev/null
cat > run.mjs <<'JS'
import { mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { subscribe } from "@parcel/watcher";
import { watch } from "chokidar";

const watchers = {
  parcel: async (tree, events) => {
    const subscription = await subscribe(tree, (error, batch) => events.push(...(error ? [error.message] : batch.map(({ type, path }) => `${type} ${path.slice(tree.length)}`))));
    return () => subscription.unsubscribe();
  },
  chokidar: async (tree, events) => {
    const watcher = watch(tree, { ignoreInitial: true }).on("all", (type, path) => events.push(`${type} ${path.slice(tree.length)}`));
    await new Promise((resolve) => watcher.on("ready", resolve));
    return () => watcher.close();
  },
};
const once = (events) => [...new Set(events)].sort().join(", ");
const seen = {};
for (const from of ["inside", "outside"]) for (const [name, start] of Object.entries(watchers)) {
  mkdirSync(`${from}-${name}/tree`, { recursive: true });
  const root = realpathSync(`${from}-${name}`);
  const tree = `${root}/tree`;
  const old = from === "inside" ? `${tree}/old` : `${root}/old`;
  mkdirSync(`${old}/b/c`, { recursive: true });
  writeFileSync(`${old}/1`, "1");
  writeFileSync(`${old}/b/2`, "2");
  writeFileSync(`${old}/b/c/3`, "3");
  await sleep(500);
  const events = [];
  const stop = await start(tree, events);
  renameSync(old, `${tree}/new`);
  await sleep(3000);
  seen[`${from}, ${name}, move`] = once(events);
  events.length = 0;
  writeFileSync(`${tree}/new/1`, "11");
  writeFileSync(`${tree}/new/b/2`, "22");
  writeFileSync(`${tree}/new/b/c/3`, "33");
  writeFileSync(`${tree}/new/b/c/4`, "44");
  await sleep(3000);
  seen[`${from}, ${name}, writes`] = once(events);
  await stop();
}
console.log(seen);
const expected = {
  "inside, parcel, move": "create /new, delete /old", "inside, parcel, writes": "create /old/b/c/4, update /new/1, update /old/b/2, update /old/b/c/3",
  "outside, parcel, move": "create /new", "outside, parcel, writes": "update /new/1",
};
const found = "change /new/1, change /new/b/2, change /new/b/c/3";
for (const [name, value] of Object.entries(expected)) if (seen[name] !== value) throw new Error(`this has changed: ${name}`);
for (const from of ["inside", "outside"]) if (!seen[`${from}, chokidar, writes`].includes(found) || !seen[`${from}, chokidar, writes`].includes("add /new/b/c/4")) throw new Error("chokidar has changed");
process.exit(0);
JS
node run.mjs
