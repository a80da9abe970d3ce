import { chmod, type FileHandle, mkdir, mkdtemp, open, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnalysisOutcome, FaceAnalysis } from "../src/analyze/analysis.ts";
import { importDataset } from "../src/datasets/import/import.node.ts";
import { hasSignals, run, start } from "./support/command.ts";
import { portrait, testPictures, writeTestPictures, writeThrong } from "./support/pictures.ts";

/** The command as a user calls it, in a process of its own, with the real networks. */
let folder = "";
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tensorface-cli-")));
  await mkdir(join(folder, "photos"));
  await writeTestPictures(join(folder, "photos"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function outcomes(stdout: string): AnalysisOutcome[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AnalysisOutcome);
}

function faceCounts(stdout: string): Record<string, number | string> {
  return Object.fromEntries(
    outcomes(stdout).map((outcome) => [outcome.source, "error" in outcome ? outcome.error.code : outcome.faces.length]),
  );
}

test("blur hides all faces of a throng, also those beyond the most that are told of a picture", { timeout: 120_000 }, async () => {
  const throng = join(folder, "throng.jpg");
  await writeThrong(throng);
  const { stderr } = await run(["blur", throng, "--plan", join(folder, "plan.json")]);
  const [, count] = /^(\d+) faces to be hidden, as .*plan\.json says\n$/.exec(stderr) ?? [];
  expect(Number(count)).toBeGreaterThan(290);
});

describe("what pictures say", () => {
  test("portrait, mirrored, sideways by EXIF, ten faces, no face", async () => {
    const { code, stdout, stderr } = await run(["analyze", "photos"], { cwd: folder });
    expect(faceCounts(stdout)).toEqual(
      Object.fromEntries(Object.values(testPictures).map(({ name, faces }) => [join("photos", name), faces])),
    );
    expect(stderr).toMatch(/^5 pictures done, 13 faces, in /);
    expect(code).toBe(0);
    for (const outcome of outcomes(stdout)) {
      for (const face of (outcome as FaceAnalysis).faces) {
        for (const { probabilities } of [face.age!, face.gender!, face.mood!]) {
          expect(Object.values<number>(probabilities).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        }
      }
    }
  });

  test("the sideways photo is measured upright", async () => {
    const { stdout } = await run(["analyze", "photos/sideways.jpg", "photos/portrait.png"], { cwd: folder });
    const [sideways, upright] = outcomes(stdout) as FaceAnalysis[];
    for (const side of ["x", "y", "width", "height"] as const) {
      expect(Math.abs(sideways!.faces[0]!.box[side] - upright!.faces[0]!.box[side])).toBeLessThan(4);
    }
  });

  test("standard input, and only the tasks that were asked for", async () => {
    const { stdout, code } = await run(["analyze", "-", "--tasks", "mood"], { stdin: await readFile(portrait) });
    const [outcome] = outcomes(stdout) as FaceAnalysis[];
    expect(outcome).toMatchObject({ source: "-", faces: [{ mood: { label: "happy" } }] });
    expect(Object.keys(outcome!.faces[0]!)).not.toContain("age");
    expect(code).toBe(0);
  });
});

describe("what is broken", () => {
  test("every kind of bad input is a coded line, the good one among them is analysed, exit 1", async () => {
    const bad = join(folder, "bad");
    await mkdir(join(bad, "folder.jpg"), { recursive: true });
    await writeFile(join(bad, "text.jpg"), "this is text\n");
    await writeFile(join(bad, "empty.png"), "");
    await writeFile(join(bad, "drawing.svg"), "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>");
    const whole = await sharp(portrait).jpeg().toBuffer();
    await writeFile(join(bad, "truncated.jpg"), whole.subarray(0, whole.length / 2));
    const inputs = ["nowhere.jpg", "text.jpg", "empty.png", "drawing.svg", "truncated.jpg", "folder.jpg", portrait];
    const { code, stdout } = await run(["analyze", ...inputs], { cwd: bad });
    expect(faceCounts(stdout)).toEqual({
      "nowhere.jpg": "TF_INPUT_NOT_FOUND",
      "text.jpg": "TF_IMAGE_FORMAT_UNSUPPORTED",
      "empty.png": "TF_INPUT_EMPTY",
      "drawing.svg": "TF_IMAGE_FORMAT_UNSUPPORTED",
      "truncated.jpg": "TF_IMAGE_CORRUPT",
      "folder.jpg": "TF_INPUT_NOT_FOUND",
      [portrait]: 1,
    });
    expect(code).toBe(1);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("a file that may not be read", async () => {
    await writeFile(join(folder, "secret.jpg"), "x");
    await chmod(join(folder, "secret.jpg"), 0o000);
    const { code, stdout } = await run(["analyze", "secret.jpg"], { cwd: folder });
    expect(faceCounts(stdout)).toEqual({ "secret.jpg": "TF_INPUT_UNREADABLE" });
    expect(code).toBe(1);
  });

  test("a picture above the limit is refused before it is decoded", async () => {
    const { stdout } = await run(["analyze", "photos/portrait.png", "--max-megapixels", "0.2"], { cwd: folder });
    expect(faceCounts(stdout)).toEqual({ "photos/portrait.png": "TF_IMAGE_TOO_LARGE" });
  });

  test.each([
    [["analyse", "a.jpg"], "tensorface analyze"],
    [["analyze", "a.jpg", "--anotate", "out"], "--annotate"],
    [["analyze"], "at least one INPUT"],
    [["analyze", portrait, "--device", "abacus"], '"abacus" is not available'],
  ])("%j: exit 2 and a hint, nothing on stdout", async (words, hint) => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain("    at ");
  });
});

/** Until a command has heard the first Ctrl-C: two that come before it looks are one. */
async function untilHeard(stderr: () => string): Promise<void> {
  await expect.poll(stderr, { timeout: 60_000 }).toContain("stopping: finishing");
}

describe.skipIf(!hasSignals)("pipes", () => {
  test("a link to a pipe in a folder is an error's line, and no trap", async () => {
    const pipes = join(folder, "pipes");
    await mkdir(pipes);
    await promisify(execFile)("mkfifo", [join(pipes, "silent")]);
    await symlink("silent", join(pipes, "a.jpg"));
    await promisify(execFile)("mkfifo", [join(pipes, "b.jpg")]);
    const { code, stdout } = await run(["analyze", "pipes"], { cwd: folder });
    expect({ code, counts: faceCounts(stdout) }).toEqual({
      code: 1,
      counts: { "pipes/a.jpg": "TF_INPUT_UNREADABLE", "pipes/b.jpg": "TF_INPUT_UNREADABLE" },
    });
  });

  test("a pipe that the user names is read, and two Ctrl-C end the wait for it", async () => {
    const pipe = join(folder, "named");
    await promisify(execFile)("mkfifo", [pipe]);
    const reading = run(["analyze", pipe]);
    await writeFile(pipe, await readFile(portrait));
    expect(faceCounts((await reading).stdout)).toEqual({ [pipe]: 1 });
    const { child, finished, stderr } = start(["analyze", pipe]);
    // It can be opened for writing without waiting as soon as somebody reads it; nothing is written.
    let silent: FileHandle | undefined;
    while (silent === undefined) {
      silent = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
      await setTimeout(50);
    }
    child.kill("SIGINT");
    await untilHeard(stderr);
    child.kill("SIGINT");
    const { code } = await finished;
    await silent.close();
    expect(code).toBe(130);
  });
});

describe("long runs", () => {
  test("10,000 files pass through a small heap", async () => {
    const many = join(folder, "many");
    await mkdir(many);
    await Promise.all(Array.from({ length: 10_000 }, (_, index) => writeFile(join(many, `${index}.jpg`), "")));
    const { code, stdout, stderr } = await run(["analyze", "many", "--out", "many.csv"], {
      cwd: folder,
      env: { NODE_OPTIONS: "--max-old-space-size=128" },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("10000 pictures done, 0 faces, 10000 failed");
    expect((await readFile(join(folder, "many.csv"), "utf8")).trimEnd().split("\r\n")).toHaveLength(10_001);
  }, 120_000);

  test.skipIf(!hasSignals)("Ctrl-C finishes what is under way: whole results, no leftovers, exit 130", async () => {
    const long = join(folder, "long");
    await mkdir(long);
    const picture = await readFile(portrait);
    await Promise.all(Array.from({ length: 60 }, (_, index) => writeFile(join(long, `${index}.png`), picture)));
    const { child, finished } = start(["analyze", "long", "--format", "json", "--out", "results/long.json", "--annotate", "long-out"], {
      cwd: folder,
    });
    await expect.poll(async () => (await readdir(join(folder, "long-out")).catch(() => [])).length, { timeout: 60_000 }).toBeGreaterThan(1);
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect(code).toBe(130);
    const results = JSON.parse(await readFile(join(folder, "results/long.json"), "utf8")) as AnalysisOutcome[];
    expect(results.length).toBeGreaterThan(1);
    expect(results.length).toBeLessThan(60);
    expect(stderr).toContain(`stopped: ${results.length} pictures done`);
    expect(await readdir(join(folder, "long-out"))).toHaveLength(results.length);
    expect(await readdir(join(folder, "results"))).toEqual(["long.json"]);
  });

  test.skipIf(!hasSignals)("Ctrl-C while a command is loaded says that nothing was begun, exit 130", async () => {
    // Sends it to the process itself when the command's own file is asked for: a clock would meet that moment by chance alone.
    const stop = 'if(/commands.retrain.ts$/.test(s))process.kill(process.pid,"SIGINT");return next(s,c)';
    const hooks = `import{registerHooks}from"node:module";registerHooks({resolve(s,c,next){${stop}}})`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` };
    const { code, signal, stderr } = await run(["retrain", "photos", "--out", "stopped"], { cwd: folder, env });
    expect([code, signal]).toEqual([130, null]);
    expect(stderr).toBe("stopped before any work began: nothing was changed, and the same command begins it\n");
    expect(await readdir(folder)).not.toContain("stopped");
  });

  test.skipIf(!hasSignals)(
    "the second Ctrl-C stops at once: a pipe and an address that never end",
    async () => {
      const asked = Promise.withResolvers<void>();
      // Sends a part of a picture, and no more.
      const server = createServer((_request, response) => {
        response.write("begin");
        asked.resolve();
      });
      await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const address = `http://127.0.0.1:${port}/a.jpg`;
      try {
        for (const words of [
          [portrait, "-", "--annotate", "endless-a"],
          [portrait, address, "--annotate", "endless-b"],
        ]) {
          const { child, finished, stderr } = start(["analyze", ...words], { cwd: folder, stdin: "open" });
          // The portrait's copy is there: the second input is being read.
          await expect.poll(async () => readdir(join(folder, words[3]!)).catch(() => []), { timeout: 60_000 }).toEqual(["astronaut.png"]);
          child.kill("SIGINT");
          await untilHeard(stderr);
          child.kill("SIGINT");
          const { code, signal } = await finished;
          expect({ code, signal }).toEqual({ code: 130, signal: null });
          expect(stderr()).toContain("stopped: 1 picture done");
        }
        await asked.promise;
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
    240_000,
  );

  test("two at once, into one file: one writes it, whole, and the other is refused", async () => {
    const words = ["analyze", "photos", "--format", "json", "--out", "both.json", "--annotate", "both"];
    const ended = await Promise.all([run(words, { cwd: folder }), run(words, { cwd: folder })]);
    // The second may also come when the first has ended.
    const others = ended.filter(({ code }) => code !== 0);
    expect(others.length).toBeLessThan(2);
    expect(others.map(({ stderr }) => /\[(\w+)\]/.exec(stderr)?.[1])).toEqual(others.map(() => "TF_FOLDER_BUSY"));
    expect(JSON.parse(await readFile(join(folder, "both.json"), "utf8"))).toHaveLength(5);
    expect((await readdir(join(folder, "both"))).filter((name) => name.startsWith("."))).toEqual([]);
    // Either replaces the other's copies, or gives a second name where both make the same one at the same moment.
    const copies = await readdir(join(folder, "both"));
    expect(new Set(copies.map((name) => name.replace(/-\d+(?=\.)/, ""))).size).toBe(5);
    for (const name of copies) expect((await sharp(join(folder, "both", name)).stats()).channels).toHaveLength(3);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk behind standard output is a coded error", async () => {
    for (const words of [["analyze", "photos/portrait.png"], ["--help"]]) {
      const { code, stderr } = await run(words, { cwd: folder, stdout: "/dev/full" });
      expect(stderr).toContain("[TF_OUTPUT_FULL]");
      expect(stderr).not.toContain("    at ");
      expect(code).toBe(1);
    }
  });

  test("a reader that has seen enough ends the run without a complaint", async () => {
    const { child, finished } = start(["analyze", "photos", "photos", "photos"], { cwd: folder });
    child.stdout!.once("data", () => child.stdout!.destroy());
    const { code, stderr } = await finished;
    expect(stderr).not.toMatch(/EPIPE|    at /);
    expect(code).toBe(0);
  });

  test("nobody need read the messages: the work is done all the same", async () => {
    const classes = join(folder, "classes");
    for (const [index, mood] of ["happy", "happy", "happy", "sad", "sad", "sad"].entries()) {
      const pixels = Uint8Array.from({ length: 32 * 32 }, (_, at) => (at * (index + 3) + (at >> 5) * 7 * index) % 256);
      await mkdir(join(classes, mood), { recursive: true });
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 1 } }).toFile(join(classes, mood, `${index}.png`));
    }
    await importDataset("folder", classes, join(folder, "data"));
    const { child, finished } = start(["dataset", "doubt", "data", "--features", "gradients"], { cwd: folder });
    child.stderr!.destroy();
    const { code, stdout } = await finished;
    expect(stdout).toContain("6 labels judged");
    expect(await readdir(join(folder, "data"))).toContain("suspicion-mood.jsonl");
    expect(code).toBe(0);
  });
});
