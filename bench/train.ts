import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { measureMatrixRate } from "./floor.ts";
import { describeMachine, today } from "./machine.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { measureHead } from "./train/head-race.ts";
import { race } from "./train/race.ts";
import { renderTraining } from "./train/render.ts";
import { anyNumber, flag, readWords, wholeNumber } from "../scripts/words.ts";

/**
 * How fast a network trains, beside PyTorch on the same cores, in turns: `npm run bench -- train`. PyTorch is used where a `python3` has
 * it (Debian: python3-torch; `PYTHON` names another one); without it TensorFace runs alone.
 * `--rounds 2` is a quick look; only `--write` changes docs/reference/training.md.
 */
const { values } = readWords("npm run bench -- train", {
  rounds: wholeNumber(9),
  /** Times that the head is trained. */
  heads: wholeNumber(5),
  /** No round of the race begins later; the table says how many there were. */
  minutes: anyNumber(4),
  write: flag,
});
const threads = 2;
const python = process.env["PYTHON"] ?? "/usr/bin/python3";
const started = performance.now();
const report = (line: string): void => console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`);

const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
if (!hasTorch) report(`${python} has no torch: TensorFace runs alone`);
const matrixRate = await measureMatrixRate(20);
const head = await measureHead(values.heads, threads, report);
const raced = await race({
  rounds: values.rounds,
  threads,
  python: hasTorch ? python : undefined,
  limitSeconds: 60 * values.minutes,
  report,
});
const text = renderTraining({ date: today(), machine: describeMachine(), threads, race: raced, head, matrixRate });
console.log(text);
if (values.write)
  await writeFile("docs/reference/training.md", replaceBetweenMarkers(await readFile("docs/reference/training.md", "utf8"), text));
