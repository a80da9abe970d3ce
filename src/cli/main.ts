import { packageVersion } from "../files/package.node.ts";
import { commands } from "./commands.ts";
import { exitCodes } from "./command.ts";
import { dispatch, fail } from "./dispatch.ts";
import { outdatedNode } from "./node-version.ts";
import { writeFailure } from "../files/files.node.ts";
import { isAbandoned } from "../files/output.node.ts";

/**
 * The process `tensorface`: binds the command line to this process's words, streams and exit code.
 * `process.exit` stands here alone: everywhere else an exit code is returned or `process.exitCode` set.
 */
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
});
if (code !== undefined) process.exitCode = code;

function report(text: string): void {
  process.stderr.write(text);
}
