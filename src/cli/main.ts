import { setImmediate } from "node:timers/promises";
import { packageVersion } from "../files/package.node.ts";
import { commands } from "./commands.ts";
import { exitCodes } from "./command.ts";
import { dispatch, fail } from "./dispatch.ts";
import { outdatedNode } from "../files/node-version.node.ts";
import { writeFailure } from "../files/files.node.ts";
import { isAbandoned } from "../files/output.node.ts";

/**
 * The process `tensorface`: binds the command line to this process's words, streams and exit code.
 * `process.exit` stands here alone: everywhere else an exit code is returned or `process.exitCode` set.
 */

const report = (text: string): void => void process.stderr.write(text);

/** Until a command runs, which then says itself what becomes of its work. */
const stopUnbegun = (): never => {
  report("stopped before any work began: nothing was changed, and the same command begins it\n");
  process.exit(exitCodes.interrupted);
};
process.on("SIGINT", stopUnbegun);

for (const [name, stream] of [
  ["standard output", process.stdout],
  ["standard error", process.stderr],
] as const) {
  stream.on("error", (error) => {
    if (isAbandoned(error)) {
      // `tensorface analyze photos | head`: the reader has seen enough, which is no failure. Messages need no reader: the work goes on.
      if (stream === process.stdout) process.exit(exitCodes.done);
      return;
    }
    // A command that listens too (a sink of results) ends by it in its own way.
    if (stream.listenerCount("error") > 1) return;
    process.exit(fail(writeFailure(error, name), { report }));
  });
}

const outdated = outdatedNode(process.versions.node, import.meta.url.endsWith(".ts"));
if (outdated !== undefined) {
  process.stderr.write(outdated);
  process.exit(exitCodes.failed);
}

const code = await dispatch(process.argv.slice(2), {
  commands,
  version: packageVersion(),
  width: process.stdout.columns,
  print: (text) => process.stdout.write(text),
  report,
  onRun: async () => {
    // Loading leaves no time to hear a signal.
    await setImmediate();
    process.off("SIGINT", stopUnbegun);
  },
});
if (code !== undefined) process.exitCode = code;
