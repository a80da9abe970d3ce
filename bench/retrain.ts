import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, type Random } from "../src/core/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { createRasterImage, type RasterImage, resize } from "../src/image/index.ts";
import type { RetrainOptions } from "../src/retrain/index.ts";
import { retrain } from "../src/retrain/retrain.node.ts";
import { machineText, today } from "./machine.ts";
import { readWords, someOf, wholeNumber } from "../scripts/words.ts";

/**
 * `npm run bench -- retrain`: from a folder to a usable model. 2,000 drawn pictures of 112 px in five classes, taken whole;
 * 2,000 pictures of 640 px with the example portrait somewhere in each, whose face is found and cut out; and each again with another
 * seed, features kept. `-- --parts crops` or `photographs` measures one of them, `--again N` runs the second one so often. Beside the
 * clock stand the processor's seconds, its own and those of other work meanwhile: with a busy machine the clock says little.
 */
const { values } = readWords("npm run bench -- retrain", {
  count: wholeNumber(2000),
  parts: someOf(["crops", "photographs"]),
  again: wholeNumber(1),
});
const { parts } = values;
const { count } = values;
const classes = ["red", "green", "blue", "bright", "dark"] as const;
const tints: Readonly<Record<(typeof classes)[number], readonly [number, number, number]>> = {
  red: [50, 0, 0],
  green: [0, 50, 0],
  blue: [0, 0, 50],
  bright: [50, 50, 50],
  dark: [-50, -50, -50],
};

/** Waves in random directions, no two alike, tinted by the class. */
function drawWaves(side: number, tint: readonly number[], random: Random): RasterImage {
  const waves = Array.from({ length: 6 }, () => ({
    x: random.normal() / 12,
    y: random.normal() / 12,
    phase: 6.3 * random.uniform(),
    channel: random.integer(3),
  }));
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const sum = waves.reduce(
          (all, wave) => all + (wave.channel === channel ? 2 : 1) * Math.sin(wave.x * x + wave.y * y + wave.phase),
          0,
        );
        data[(y * side + x) * 3 + channel] = Math.min(255, Math.max(0, 128 + 12 * sum + tint[channel]!));
      }
    }
  }
  return createRasterImage(side, side, data);
}

/** Puts a picture into another. */
function place(ground: RasterImage, picture: RasterImage, left: number, top: number): RasterImage {
  const data = Uint8Array.from(ground.data);
  for (let y = 0; y < picture.height; y++) {
    const row = picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
    data.set(row, ((top + y) * ground.width + left) * 3);
  }
  return createRasterImage(ground.width, ground.height, data);
}

async function drawFolder(folder: string, draw: (tint: readonly number[], random: Random) => RasterImage): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = classes[index % classes.length]!;
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(
      join(folder, name, `${index}.jpg`),
      await encode(draw(tints[name], createRandom(index)), { format: "jpeg", quality: 85 }),
    );
  }
}

/** Seconds that all cores together have worked, for whomever. */
function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

async function time(what: string, source: string, options: RetrainOptions): Promise<void> {
  const [start, before, busy] = [performance.now(), process.cpuUsage(), busySeconds()];
  const { examples } = await retrain(source, options);
  const { user, system } = process.cpuUsage(before);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const own = (user + system) / 1e6;
  const others = Math.max(0, busySeconds() - busy - own);
  console.log(
    `${what}: ${seconds} s, ${own.toFixed(1)} s of processor time, ${others.toFixed(1)} s of other work; ${examples.used} of ${count} pictures used`,
  );
}

/** With other seeds, what was seen and compared kept. */
async function timeAgain(source: string, options: RetrainOptions): Promise<void> {
  for (let seed = 2; seed < 2 + values.again; seed++) await time("again, features kept", source, { ...options, seed });
}

const folder = await mkdtemp(join(tmpdir(), "bench-retrain-"));
try {
  console.log(`${machineText()}, ${today()}; ${count} pictures, 5 classes`);
  const portrait = resize((await decode("examples/astronaut.png")).image, 300, 300);
  const options = (name: string): RetrainOptions => ({ out: join(folder, `${name}-model`), name: "bench", cache: join(folder, "cache") });
  if (parts.includes("crops")) {
    const crops = join(folder, "crops");
    await drawFolder(crops, (tint, random) => drawWaves(112, tint, random));
    const whole = { ...options("crops"), crop: "whole" } as const;
    await time("pictures of 112 px", crops, whole);
    await timeAgain(crops, whole);
  }
  if (parts.includes("photographs")) {
    const photographs = join(folder, "photographs");
    // Enlarged: two thousand grounds of 640 px would take longer to draw than to learn from.
    const ground = (tint: readonly number[], random: Random): RasterImage => resize(drawWaves(160, tint, random), 640, 640);
    await drawFolder(photographs, (tint, random) => place(ground(tint, random), portrait, random.integer(340), random.integer(340)));
    const found = { ...options("photographs"), crop: "face" } as const;
    await time("photographs of 640 px", photographs, found);
    await timeAgain(photographs, found);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
