#!/usr/bin/env bash
# lmdb's `transaction` keeps what its callback had written before it threw: the promise is rejected, and half of the work is stored. `transactionSync` and `childTransaction` undo it.
#
# npm lmdb 3.5.6, Node 24. The documentation says of `transaction` that several operations are made atomically, with a link to ACID, and of the other two that throwing aborts them. A guess: a
# transaction that fails leaves nothing. All callbacks that are waiting share one transaction of the database, and one of them cannot be undone in it (meant
# so by its author, for speed, as a thread of 2021 tells; the documentation of `transaction` does not). Seen, of { from: 5, to: 0 } and a callback that takes
# 5 from one and throws before it gives them to the other:
#   transaction:        rejected, { from: 0, to: 0 }, also for a callback that is async, and after the file is opened again
#   childTransaction:   rejected, { from: 5, to: 0 }          transactionSync: throws, { from: 5, to: 0 }
# And `remove`, whose promise is said to indicate success, gives true for a key that is not there; `removeSync` gives false.
# Way out: childTransaction (it may also return ABORT), or transactionSync.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error lmdb@3.5.6 > /dev/null
cat > run.cjs <<'JS'
const { open } = require("lmdb");
const start = async (database) => {
  await database.put("from", 5);
  await database.put("to", 0);
};
const balance = (database) => `${database.get("from")} ${database.get("to")}`;
const half = (database) => () => {
  database.put("from", 0);
  throw new Error("stopped");
};
(async () => {
  let database = open({ path: "store" });
  const seen = {};
  const calls = {
    transaction: (callback) => database.transaction(callback),
    "transaction, async": (callback) => database.transaction(async () => callback()),
    childTransaction: (callback) => database.childTransaction(callback),
    transactionSync: async (callback) => database.transactionSync(callback),
  };
  for (const [name, call] of Object.entries(calls)) {
    await start(database);
    const outcome = await call(half(database)).then(() => "resolved", (error) => error.message);
    await database.flushed;
    seen[name] = `${outcome}: ${balance(database)}`;
  }
  await start(database);
  await database.transaction(half(database)).catch(() => {});
  await database.close();
  database = open({ path: "store" });
  seen["opened again"] = balance(database);
  seen.remove = [await database.remove("nobody"), database.removeSync("nobody")].join(" ");
  await database.close();
  console.log("lmdb", require("./node_modules/lmdb/package.json").version, seen);
  const expected = {
    transaction: "stopped: 0 0", "transaction, async": "stopped: 0 0", childTransaction: "stopped: 5 0", transactionSync: "stopped: 5 0", "opened again": "0 0", remove: "true false",
  };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node run.cjs
