/**
 * npm's `prepare`: runs after `npm ci` in a clone and before packing, never where the package is installed. Converts the networks of
 * others into `models/converted` and, where they are only measured against, `models/rivals`; lists the models for browsers; and builds
 * `dist`, with the page of the label review. What is up to date is left alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertNetwork, inputHash, missingPackages, networkFolder, networkIds, writeWhole } from "./convert/convert.ts";
import { writeModelIndex } from "./convert/model-index.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const models = join(root, "models");

prepareNetworks();
runTool("tsdown", "dist/run.mjs", ["--logLevel", "error"]);
// `tensorface dataset review` needs its page in a clone too; the main page, which takes longer, is `npm run build:web`.
runTool("vite", "bin/vite.js", ["build", "web/review", "--logLevel", "error"]);

function prepareNetworks(): void {
  const missing = missingPackages();
  if (missing.length > 0) {
    console.error(`prepare: ${missing.join(" and ")} not installed, so no network is converted`);
    return;
  }
  const stampFile = join(models, "converted", "stamp.json");
  const stamp = JSON.stringify({ inputs: inputHash(converterFiles()) });
  const files = networkIds.flatMap((id) => [`${id}.onnx`, `${id}.json`].map((file) => join(models, networkFolder(id), file)));
  const isCurrent = files.every((file) => existsSync(file)) && readText(stampFile) === stamp;
  if (!isCurrent) {
    for (const id of networkIds) convertNetwork(id, join(models, networkFolder(id)));
    writeWhole(stampFile, stamp);
    console.error(`prepare: converted ${networkIds.join(", ")}`);
  }
  writeModelIndex(models, ["", "converted/"]);
}

/** A change in any of these may change the result. */
function converterFiles(): string[] {
  const patterns = [
    "scripts/convert/*.ts",
    "src/graph/{tensorflow,optimize}/*.ts",
    "src/graph/{attributes,builder,compact,encode,half,onnx,protobuf}.ts",
  ];
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .toSorted()
    .map((file) => join(root, file));
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Runs a tool of the development, where it is installed. */
function runTool(name: string, file: string, words: readonly string[]): void {
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined) return;
  const { status } = spawnSync(process.execPath, [join(dirname(manifest), file), ...words], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) process.exitCode = status ?? 1;
}
