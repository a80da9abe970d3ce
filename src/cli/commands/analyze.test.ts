import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { copyFile, lstat, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diskOf } from "../../../test/support/disk.ts";
import { sampleAnalysis, sampleFace, sampleFailure } from "../../../test/support/outcomes.ts";
import type { AnalysisOutcome } from "../../analyze/analysis.ts";
import type { NodeAnalyzerOptions } from "../../analyze/options.ts";
import { drawnManifest, drawnTasks } from "../../models/testing.ts";
import { adienceAgeGroups, builtInTasks, TensorFaceError } from "../../core/index.ts";
import { dispatch } from "../dispatch.ts";
import { createOutcomeWriter } from "../../bulk/format/outcome-writer.ts";
import type { PictureItem } from "../../bulk/inputs.ts";
import type { AnalyzeDependencies } from "../../bulk/analyze-pictures.ts";
import { createAnalyzeCommand } from "./analyze.ts";
import { builtInCsvTasks } from "../../analyze/outcome-csv.ts";

let folder = "";
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tensorface-analyze-")));
  await mkdir(join(folder, "photos/sub"), { recursive: true });
  await mkdir(join(folder, "empty"));
  for (const name of ["photos/1.jpg", "photos/broken.jpg", "photos/sub/2.png"]) await writeFile(join(folder, name), name);
});
afterEach(async () => {
  process.exitCode = undefined;
  await rm(folder, { recursive: true, force: true });
});

interface Result {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly options: NodeAnalyzerOptions | undefined;
  readonly disposed: number;
}

interface Setting {
  readonly isTerminal?: boolean;
  /** Called, and awaited, before each picture. */
  readonly onPicture?: (source: string) => void | Promise<void>;
  readonly renderAnnotated?: AnalyzeDependencies["renderAnnotated"];
  readonly read?: AnalyzeDependencies["read"];
  readonly open?: AnalyzeDependencies["open"];
  /** Of the networks: their ids, with what their files hold. */
  readonly networks?: Readonly<Record<string, string>>;
}

/** Runs the command with an analyzer that answers at once: pictures named "broken" fail. */
async function analyze(words: readonly string[], setting: Setting = {}): Promise<Result> {
  const stdout = terminal(setting.isTerminal === true);
  const stderr = terminal(setting.isTerminal === true);
  let options: NodeAnalyzerOptions | undefined;
  let disposed = 0;
  const dependencies: AnalyzeDependencies = {
    stdout: stdout.stream,
    stderr: stderr.stream,
    open: setting.open,
    read:
      setting.read ??
      ((location) =>
        location === "-" || location.startsWith("file:")
          ? Promise.resolve(new Uint8Array([7]))
          : Promise.reject(new TensorFaceError("TF_INPUT_UNREADABLE", `${location} did not answer`))),
    isAnnotatedCopy: async (path) => (await readFile(path, "utf8")).startsWith("annotated "),
    renderAnnotated: setting.renderAnnotated ?? ((_, { source }) => Promise.resolve(new TextEncoder().encode(`annotated ${source}`))),
    createAnalyzer: (given) => {
      options = given;
      const dispose = (): Promise<void> => {
        disposed++;
        return Promise.resolve();
      };
      return Promise.resolve({
        models: ["fake"],
        manifests: Object.entries(setting.networks ?? { fake: "1" }).map(([id, content]) =>
          drawnManifest(drawnTasks[0], { id, changes: { sha256: createHash("sha256").update(content).digest("hex") } }),
        ),
        tasks: builtInCsvTasks(builtInTasks.filter((task) => given.tasks?.includes(task) ?? true)).map((task) =>
          Object.assign(task, { model: "fake" }),
        ),
        device: "cpu",
        analyze: () => Promise.resolve(sampleAnalysis("one")),
        analyzeAll: (inputs) => answers(inputs, setting.onPicture),
        dispose,
        [Symbol.asyncDispose]: dispose,
      });
    },
  };
  const command = createAnalyzeCommand(() => Promise.resolve(dependencies));
  const code = await dispatch(["analyze", ...words.map((word) => word.replace("@", folder))], {
    commands: { analyze: { summary: "", load: () => Promise.resolve(command) } },
    version: "",
    print: () => {},
    report: (text) => stderr.stream.write(text),
  });
  return { code: code ?? Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text(), options, disposed };
}

/** Until the command has heard it: its listener is the earlier one. */
async function pressCtrlC(): Promise<void> {
  const heard = once(process, "SIGINT");
  process.kill(process.pid, "SIGINT");
  await heard;
}

type Given = PictureItem["input"] | { readonly input: PictureItem["input"]; readonly source: string };

async function* answers(
  inputs: Iterable<Given> | AsyncIterable<Given>,
  onPicture?: (source: string) => void | Promise<void>,
): AsyncGenerator<AnalysisOutcome, void, undefined> {
  for await (const given of inputs) {
    const source = typeof given === "object" && "source" in given && typeof given.source === "string" ? given.source : "one";
    await onPicture?.(source);
    yield source.includes("broken") ? sampleFailure(source) : sampleAnalysis(source);
  }
}

function terminal(isTerminal: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const extra = { isTTY: isTerminal, columns: 100, hasColors: () => false };
  return { stream: Object.assign(stream, extra) as unknown as NodeJS.WriteStream, text: () => chunks.join("") };
}

const portable = (path: string): string => path.replaceAll("\\", "/");
/** What an annotated copy says, its source below the folder. */
const copyAt = async (place: string): Promise<string> =>
  portable((await readFile(join(folder, place), "utf8")).replace(folder, "")).replace(" /", " ");
const sources = (text: string): string[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as AnalysisOutcome).source.slice(folder.length + 1))
    .map(portable);

describe("tensorface analyze", () => {
  test("a folder: one outcome each in a fixed order, the broken one among them, exit 1", async () => {
    const { code, stdout, stderr, disposed } = await analyze(["@/photos"]);
    expect(sources(stdout)).toEqual(["photos/1.jpg", "photos/broken.jpg", "photos/sub/2.png"]);
    expect(stderr).toContain("3 pictures done, 2 faces, 1 failed, in ");
    expect(code).toBe(1);
    expect(disposed).toBe(1);
  });

  test("nothing failed: exit 0", async () => {
    expect(await analyze(["@/photos/1.jpg"])).toMatchObject({ code: 0 });
  });

  test("an empty folder keeps its place among the others, exit 1", async () => {
    const { code, stdout } = await analyze(["@/photos/1.jpg", "@/empty", "@/photos/sub", "@/empty"]);
    expect(sources(stdout)).toEqual(["photos/1.jpg", "empty", "photos/sub/2.png", "empty"]);
    expect(stdout).toContain("holds no picture");
    expect(code).toBe(1);
  });

  test("standard input is one picture called -", async () => {
    const { stdout, code } = await analyze(["-"]);
    expect(JSON.parse(stdout)).toMatchObject({ source: "-", faces: [{ gender: { label: "female" } }] });
    expect(code).toBe(0);
  });

  test("the table is for terminals, lines of JSON for pipes, and a file's ending decides with --out", async () => {
    expect((await analyze(["@/photos"], { isTerminal: true })).stdout).toMatch(/^Picture +Face/);
    expect((await analyze(["@/photos/1.jpg"], { isTerminal: true })).stdout).toContain("Age 41 (34 to 49)");
    expect((await analyze(["@/photos"])).stdout).toMatch(/^\{"schema"/);
    expect((await analyze(["@/photos", "--format", "csv"])).stdout).toMatch(/^source,width/);
    for (const [name, begin] of [
      ["r.csv", "source,width"],
      ["r.json", "[\n"],
      ["r.jsonl", "{"],
      ["r.txt", "Picture"],
      ["r", "{"],
    ] as const) {
      const { stdout, stderr } = await analyze(["@/photos", "--out", `@/${name}`]);
      expect(stdout).toBe("");
      expect(stderr).toContain(`written to ${folder}/${name}`);
      expect((await readFile(join(folder, name), "utf8")).startsWith(begin)).toBe(true);
    }
  });

  test("a file's ending that tells no format is wrong use; with --format it is none", async () => {
    const { code, stderr, disposed } = await analyze(["@/photos", "-o", "@/a.xml"]);
    expect({ code, disposed }).toEqual({ code: 2, disposed: 0 });
    expect(stderr).toMatch(/\.xml does not tell the format\n.*--format/);
    await expect(readFile(join(folder, "a.xml"))).rejects.toThrow("ENOENT");
    await analyze(["@/photos", "-o", "@/a.xml", "--format", "csv"]);
    expect(await readFile(join(folder, "a.xml"), "utf8")).toMatch(/^source/);
  });

  test("flags reach the analyzer", async () => {
    const flags = ["--tasks", "mood,age", "--detector", "ssd", "--min-face", "32", "--max-faces", "5", "--any-rotation", "--device", "cpu"];
    const { options } = await analyze([
      "@/photos/1.jpg",
      ...flags,
      "--concurrency",
      "2",
      "--age-groups",
      "fairface",
      "--max-megapixels",
      "1.5",
      "--min-score",
      "0.4",
    ]);
    expect(options).toMatchObject({
      tasks: ["mood", "age"],
      detector: "ssd",
      minFaceSize: 32,
      minScore: 0.4,
      maxFaces: 5,
      anyRotation: true,
      device: "cpu",
      concurrency: 2,
      limits: { maxPixels: 1_500_000, maxBytes: undefined },
    });
    expect(options?.ageGroups?.at(-1)?.name).toBe("70+");
  });

  test.each([
    [[], "at least one INPUT"],
    [["a.jpg", "--tasks", "race"], "--tasks expects"],
    [["a.jpg", "--heads", "race"], "--tasks expects"],
    [["a.jpg", "--tasks", "age", "--heads", "mood"], "ask for different things"],
    [["a.jpg", "--max-faces", "1.5"], "--max-faces expects a whole number"],
    [["a.jpg", "--detector", "magic"], "Expected one of: blazeface, ssd"],
    [["@/photos/1.jpg", "--out", "@/photos/1.jpg"], "is one of the inputs"],
    [["@/photos", "--annotate", "@/photos/1.jpg"], "is no folder"],
    [["@/photos/1.jpg", "--out", "@/photos"], "is no file"],
    [["@/photos", "--out", "@/photos/sub/2.png"], "is a picture"],
  ])("%j is wrong use: exit 2 before anything is loaded", async (words, message) => {
    const { code, stderr, options } = await analyze(words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(options).toBeUndefined();
    expect(await readFile(join(folder, "photos/1.jpg"), "utf8")).toBe("photos/1.jpg");
  });

  test.skipIf(process.platform === "win32")("a device is no file to write to: exit 2", async () => {
    await symlink("/dev/null", join(folder, "device"));
    const { code, stderr, options } = await analyze(["@/photos/1.jpg", "--out", "@/device"]);
    expect({ code, options }).toEqual({ code: 2, options: undefined });
    expect(stderr).toContain("is no file");
  });

  test("progress and the rest of the time go to a terminal's stderr, results stay clean", async () => {
    // The pictures are counted beside the work: slow enough that the count is there before the last one, in many turns of the event loop.
    const onPicture = async (): Promise<void> => {
      for (let turn = 0; turn < 30; turn++) await setTimeout(4);
    };
    const { stdout, stderr } = await analyze(["@/photos", "--format", "jsonl"], { isTerminal: true, onPicture });
    expect(stderr).toMatch(/analyze: \d of 3, .* a second/);
    expect(stdout).not.toContain("\u001B");
  });

  test("Ctrl-C: no further picture is begun, what is done is written, exit 130", async () => {
    for (let index = 0; index < 50; index++) await writeFile(join(folder, `empty/${index}.jpg`), "");
    let seen = 0;
    const { code, stderr } = await analyze(["@/empty", "--out", "@/r.json"], {
      onPicture: () => void (++seen === 7 && process.emit("SIGINT")),
    });
    expect(seen).toBe(7);
    expect(JSON.parse(await readFile(join(folder, "r.json"), "utf8"))).toHaveLength(7);
    expect(stderr).toContain("stopped: 7 pictures done");
    expect(code).toBe(130);
    expect(process.listenerCount("SIGINT")).toBe(0);
  });
});

describe("the second Ctrl-C", () => {
  test.each([[["-"]], [["https://example.org/a.jpg", "--annotate", "@/out"]]])("stops the reading of %j", async (words) => {
    const read: AnalyzeDependencies["read"] = async (_location, _limits, signal) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal!.addEventListener("abort", () => reject(new TensorFaceError("TF_ABORTED", "the work was aborted")));
      process.emit("SIGINT");
      await setTimeout(1);
      process.emit("SIGINT");
      return promise;
    };
    const { code, stdout, stderr } = await analyze(words, { read });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toContain("stopped: 0 pictures done");
  });
});

describe("tensorface analyze --annotate", () => {
  test("mirrors subfolders", async () => {
    expect(await analyze(["@/photos", "--annotate", "@/out"])).toMatchObject({ code: 1 });
    expect((await readdir(join(folder, "out"), { recursive: true })).map(portable)).toEqual(["1.jpg", "sub", "sub/2.png"]);
    expect(await copyAt("out/sub/2.png")).toBe("annotated photos/sub/2.png");
  });

  test.each([["@/photos"], ["@/photos/**/*"]])("below %s: marked copies, which a second run does not take for pictures", async (input) => {
    await analyze([input, "--annotate", "@/photos/out"]);
    const { stdout } = await analyze([input, "--annotate", "@/photos/out"]);
    expect(sources(stdout)).toHaveLength(3);
    expect(await readdir(join(folder, "photos/out"), { recursive: true })).toContain("1-annotated.jpg");
  });

  test("below the input, and it holds sources: they are analysed, and none is replaced", async () => {
    await writeFile(join(folder, "1.jpg"), "1.jpg");
    const { stdout } = await analyze(["@", "--annotate", "@/photos"]);
    expect(sources(stdout)).toEqual(["1.jpg", "photos/1.jpg", "photos/broken.jpg", "photos/sub/2.png"]);
    expect(await readFile(join(folder, "photos/1.jpg"), "utf8")).toBe("photos/1.jpg");
    expect(await copyAt("photos/1-annotated.jpg")).toBe("annotated 1.jpg");
    expect(await copyAt("photos/photos/1-annotated.jpg")).toBe("annotated photos/1.jpg");
  });

  test("a glob that cannot match below DIR leaves the names as they are", async () => {
    await analyze(["@/photos/*.jpg", "--annotate", "@/photos/sub"]);
    expect(await readdir(join(folder, "photos/sub"))).toEqual(["1.jpg", "2.png"]);
  });

  test("a file: address in DIR is a source like a path", async () => {
    await analyze([pathToFileURL(join(folder, "photos/1.jpg")).href, "--annotate", "@/photos"]);
    expect(await readFile(join(folder, "photos/1.jpg"), "utf8")).toBe("photos/1.jpg");
    expect(await readdir(join(folder, "photos"))).toContain("1-annotated.jpg");
  });

  test("a file that was there before is left alone, also when it is no source", async () => {
    await mkdir(join(folder, "out"));
    await writeFile(join(folder, "out/1.jpg"), "an original");
    // Windows lets only some make links to files; a file is left alone there too.
    const link = [join(folder, "photos/sub/2.png"), join(folder, "out/2.png")] as const;
    await symlink(...link).catch(() => copyFile(...link));
    await analyze(["@/photos/1.jpg", "@/photos/sub/2.png", "--annotate", "@/out"]);
    expect(await readFile(join(folder, "out/1.jpg"), "utf8")).toBe("an original");
    expect(await readFile(join(folder, "photos/sub/2.png"), "utf8")).toBe("photos/sub/2.png");
    expect(await readdir(join(folder, "out"))).toEqual(["1-2.jpg", "1.jpg", "2-2.png", "2.png"]);
  });

  test("a glob follows no link to a folder, so that copies behind it are not taken for pictures", async () => {
    await mkdir(join(folder, "out"));
    await symlink(join(folder, "out"), join(folder, "photos/link"), "junction");
    for (let run = 0; run < 2; run++) {
      const { stdout } = await analyze(["@/photos/**/*.jpg", "--annotate", "@/out"]);
      expect(stdout).toContain("1.jpg");
      expect(stdout).not.toContain("link");
    }
  });

  test("a copy of an earlier run is replaced, one of this run is not", async () => {
    await analyze(["@/photos/1.jpg", "--annotate", "@/out"]);
    await writeFile(join(folder, "out/1.jpg"), "annotated long ago");
    await analyze(["@/photos/1.jpg", "@/photos/1.jpg", "--annotate", "@/out"]);
    expect(await readdir(join(folder, "out"))).toEqual(["1-2.jpg", "1.jpg"]);
    expect(await copyAt("out/1.jpg")).toBe("annotated photos/1.jpg");
  });

  test.each([["@/photos"], ["@/photos/1.jpg"], ["@/photos/*.jpg"]])(
    "into the folder of %s: marked copies, sources untouched, also twice",
    async (input) => {
      for (let run = 0; run < 2; run++) await analyze([input, "--annotate", "@/photos"]);
      expect(await readFile(join(folder, "photos/1.jpg"), "utf8")).toBe("photos/1.jpg");
      expect(await copyAt("photos/1-annotated.jpg")).toBe("annotated photos/1.jpg");
      expect(await readdir(join(folder, "photos"))).not.toContain("1-annotated-annotated.jpg");
    },
  );

  test("a copy that cannot be made is a failure of its picture, and the run goes on", async () => {
    const { stdout, code } = await analyze(["@/photos/1.jpg", "@/photos/sub/2.png", "--annotate", "@/out"], {
      renderAnnotated: (_, { source }) =>
        source.endsWith("1.jpg")
          ? Promise.reject(new TensorFaceError("TF_OUTPUT_UNWRITABLE", "no such disk"))
          : Promise.resolve(new Uint8Array([1])),
    });
    const [first, second] = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(first).toMatchObject({ error: { code: "TF_OUTPUT_UNWRITABLE" } });
    expect(second).toMatchObject({ faces: [{}] });
    expect(code).toBe(1);
  });

  test("a URL is downloaded once, by the command; one that does not answer is a failed picture", async () => {
    const { stdout, code } = await analyze(["https://example.invalid/a.jpg", "--annotate", "@/out"]);
    expect(JSON.parse(stdout)).toMatchObject({ source: "https://example.invalid/a.jpg", error: { code: "TF_INPUT_UNREADABLE" } });
    expect(code).toBe(1);
  });
});

describe("tensorface analyze FILM", () => {
  test.each(["--workers", "--concurrency", "--max-megabytes"])(
    "%s is refused before the film is looked for: it would change nothing",
    async (flag) => {
      const { code, stderr } = await analyze(["@/clip.mp4", flag, "2"]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`${flag} is for pictures`) });
    },
  );

  test("no threads that help, as it is", async () => {
    const { stderr } = await analyze(["@/clip.mp4", "--workers", "0"]);
    expect(stderr).toContain("TF_INPUT_NOT_FOUND");
  });
});

describe("tensorface analyze --resume", () => {
  const names = ["1.jpg", "2.jpg", "=3.jpg", "broken.jpg", 'odd, "name"\n5.jpg', "6.jpg"];
  const words = (out: string, ...more: string[]): string[] => ["@/many", "--out", `@/${out}`, ...more];
  const text = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
  beforeEach(async () => {
    await mkdir(join(folder, "many"));
    for (const name of names) await writeFile(join(folder, "many", name), name);
  });

  /** What a run writes that nothing stops, with its size. */
  const whole = async (out: string): Promise<string> => {
    await analyze(words(out));
    const results = await text(out);
    await rm(join(folder, out));
    return results;
  };

  test.each(["r.jsonl", "r.csv"])("a full disk keeps what was found, and the same command goes on from there: %s", async (out) => {
    const expected = await whole(out);
    // Where nothing is whole, nothing is kept.
    expect((await analyze(words(out), { open: diskOf(20) })).stderr).not.toContain(".part");
    // Places where a disk can end within the results, behind the first one.
    for (let bytes = Math.ceil(expected.length / 2); bytes < Buffer.byteLength(expected); bytes += 397) {
      const full = await analyze(words(out), { open: diskOf(bytes) });
      expect(full).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Free some space.*r\.\w+\.part".*--resume.*\n?.*\[TF_OUTPUT_FULL\]/s),
      });
      expect(expected.startsWith((await text(`${out}.part`)).replace(/\uFFFD$/, ""))).toBe(true);
      const seen: string[] = [];
      const resumed = await analyze(words(out, "--resume"), { onPicture: (source) => void seen.push(source) });
      expect(await text(out)).toBe(expected);
      expect(resumed).toMatchObject({ code: 1, stderr: expect.stringContaining(`${names.length} pictures done`) });
      const isOnlyNew = seen.length === names.length;
      expect(isOnlyNew || resumed.stderr.includes(`${names.length - seen.length} of them by an earlier run`)).toBe(true);
      expect(await readdir(folder)).not.toContain(`${out}.part`);
      await rm(join(folder, out));
    }
  });

  test("what a killed run has left is not written over: it is named, with what to do", async () => {
    await writeFile(join(folder, "r.jsonl.part"), `${JSON.stringify(sampleAnalysis("x"))}\n{"schema":`);
    const { code, stderr } = await analyze(words("r.jsonl"));
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/r\.jsonl\.part".*\n.*--resume.*\[TF_OUTPUT_UNFINISHED\]/),
    });
    expect(await text("r.jsonl.part")).toMatch(/\{"schema":$/);
  });

  test("after Ctrl-C it goes on from the results, which can be read meanwhile", async () => {
    const expected = await whole("r.csv");
    await analyze(words("r.csv"), {
      onPicture: async (source) => {
        if (!source.endsWith("2.jpg")) return;
        await pressCtrlC();
      },
    });
    expect((await text("r.csv")).length).toBeLessThan(expected.length);
    process.exitCode = undefined;
    let meanwhile = "";
    await analyze(words("r.csv", "--resume"), { onPicture: async () => void (meanwhile = await text("r.csv")) });
    expect(expected.startsWith(meanwhile)).toBe(true);
    expect(await text("r.csv")).toBe(expected);
  });

  test("a picture of many faces whose rows are not all there is looked at again", async () => {
    const faces = [sampleFace(), sampleFace(), sampleFace()];
    const { stdout } = await analyze(["@/many/1.jpg", "--format", "csv"]);
    const csv = createOutcomeWriter("csv", {
      tasks: builtInCsvTasks(builtInTasks),
      ageGroups: adienceAgeGroups,
      isSinglePicture: false,
      width: 80,
      colour: false,
    });
    const rows = csv.write(sampleAnalysis(join(folder, "many/1.jpg"), faces)).split("\r\n");
    await writeFile(join(folder, "r.csv.part"), [stdout.split("\r\n")[0], rows[0], rows[1], ""].join("\r\n"));
    const expected = await whole("whole.csv");
    await analyze(words("r.csv", "--resume"));
    expect(await text("r.csv")).toBe(expected);
  });

  test("the half of a copy that a killed run has left hidden goes with the next one", async () => {
    const killed = promisify(execFile)(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { openPart } from ${JSON.stringify(new URL("../../files/write.node.ts", import.meta.url).href)};
      for (const name of ["gone.jpg", "sub/2.png"]) await openPart(${JSON.stringify(join(folder, "out"))} + "/" + name);
      process.kill(process.pid, "SIGKILL");`,
    ]);
    await expect(killed).rejects.toMatchObject({ signal: "SIGKILL" });
    const all = async (): Promise<string[]> => (await readdir(join(folder, "out"), { recursive: true })).map(portable).toSorted();
    expect((await all()).filter((name) => name.endsWith(".part"))).toHaveLength(2);
    await analyze(["@/photos", "--annotate", "@/out"]);
    expect(await all()).toEqual(["1.jpg", "sub", "sub/2.png"]);
  });

  test("copies: none is made twice, none takes another's name, and a full disk makes no error's rows", async () => {
    const copies = words("r.jsonl", "--annotate", "@/out");
    const first = await analyze(copies, { open: diskOf(3 * JSON.stringify(sampleAnalysis(join(folder, "many/1.jpg"))).length) });
    expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining("TF_OUTPUT_FULL") });
    expect(await text("r.jsonl.part")).not.toContain("TF_OUTPUT");
    const rendered: string[] = [];
    await analyze([...copies, "--resume"], {
      renderAnnotated: (_, { source }) => {
        rendered.push(source);
        return Promise.resolve(new TextEncoder().encode(`annotated ${source}`));
      },
    });
    expect(rendered.length).toBeLessThan(names.length - 1);
    const found = (await readdir(join(folder, "out"))).toSorted();
    expect(found).toEqual(names.filter((name) => name !== "broken.jpg").toSorted());
    for (const name of found) expect(await text(`out/${name}`)).toBe(`annotated ${join(folder, "many", name)}`);
  });

  test.each([
    [["--tasks", "mood"], "r.jsonl", "it tells"],
    [["--tasks", "mood"], "r.csv", "columns"],
    [["--age-groups", "fairface"], "r.jsonl", "other groups"],
    [["--age-groups", "fairface"], "r.csv", "columns"],
    [["--format", "json"], "r.jsonl", "cannot go on from json"],
  ])("%j is refused where the results are of another run", async (more, out, message) => {
    await analyze(words(out));
    const before = await text(out);
    const { code, stderr } = await analyze(words(out, "--resume", ...more));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(await text(out)).toBe(before);
    // Nothing stands in the way of a run that begins anew.
    expect(await analyze(words(out))).toMatchObject({ code: 1, stderr: expect.stringContaining(`${names.length} pictures done`) });
  });

  describe.each(["r.jsonl", "r.csv"])("rows of two makings are not mixed: %s", (out) => {
    const made = { finder: "1", head: "1" };
    /** What a run leaves that was killed, or stopped by Ctrl-C. */
    const begin = async (kind: string): Promise<void> => {
      if (kind === "killed") {
        const bytes = Math.ceil((await whole(`whole-${out}`)).length / 2);
        await analyze(words(out, "--min-face", "40"), { networks: made, open: diskOf(bytes) });
        return;
      }
      await analyze(words(out, "--min-face", "40"), {
        networks: made,
        onPicture: async (source) => {
          if (!source.endsWith("2.jpg")) return;
          await pressCtrlC();
        },
      });
      process.exitCode = undefined;
    };

    test.each([
      ["killed", { finder: "1", head: "2" }, ["--min-face", "40"], 'the model "head" is another one'],
      ["stopped", { finder: "1", head: "2" }, ["--min-face", "40"], 'the model "head" is another one'],
      ["stopped", { other: "1", head: "1" }, ["--min-face", "40"], 'with the model "finder"'],
      ["stopped", { ...made, more: "1" }, ["--min-face", "40"], '"more"'],
      ["killed", made, ["--min-face", "30"], "minFaceSize"],
      ["stopped", made, [], "minFaceSize"],
      ["stopped", made, ["--min-face", "40", "--any-rotation"], "anyRotation"],
    ])("%s, then %j %j", async (kind, networks, more, message) => {
      await begin(kind);
      const left = kind === "killed" ? `${out}.part` : out;
      const before = await text(left);
      expect(before).not.toBe("");
      const { code, stderr } = await analyze(words(out, "--resume", ...more), { networks });
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
      expect(await text(left)).toBe(before);
      // With what it was made with it goes on.
      const seen: string[] = [];
      await analyze(words(out, "--resume", "--min-face", "40"), { networks: made, onPicture: (source) => void seen.push(source) });
      expect(seen.length).toBeLessThan(names.length);
      expect(await text(out)).toBe(await whole(`whole-${out}`));
    });

    test("whoever begins anew is not asked what the results before were made with", async () => {
      await begin("stopped");
      await analyze(words(out), { networks: { head: "2" } });
      // The folder has grown.
      await writeFile(join(folder, "many/7.jpg"), "7");
      expect((await analyze(words(out, "--resume"), { networks: made })).code).toBe(2);
      expect(await analyze(words(out, "--resume"), { networks: { head: "2" } })).toMatchObject({
        stderr: expect.stringContaining(`${names.length} of them by an earlier run`),
      });
      expect((await readdir(folder)).filter((name) => name.includes(".part"))).toEqual([]);
    });

    test("results that do not tell what made them are gone on with, and that is said", async () => {
      await begin("stopped");
      for (const name of await readdir(folder)) if (name.endsWith(".made.json")) await rm(join(folder, name));
      const { code, stderr } = await analyze(words(out, "--resume"), { networks: { head: "2" } });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("nothing tells with which models") });
    });
  });

  test.skipIf(process.platform === "win32")("a link stays where results go to what it leads to", async () => {
    await mkdir(join(folder, "disk"));
    await writeFile(join(folder, "disk/all.jsonl"), "");
    await symlink("disk/all.jsonl", join(folder, "r.jsonl"));
    await analyze(words("r.jsonl"));
    expect((await lstat(join(folder, "r.jsonl"))).isSymbolicLink()).toBe(true);
    expect((await text("disk/all.jsonl")).trim().split("\n")).toHaveLength(names.length);
    expect(await readdir(join(folder, "disk"))).toEqual([".all.jsonl.made.json", "all.jsonl"]);
  });

  test.each([
    ["is another table", "x,y\r\n1,2\r\n", "columns"],
    ["begins with half a quote", 'a"b,c\r\n1,2\r\n', "no table"],
    ["is broken in the middle", '1,"2"3\r\n', "no table"],
  ])("a file that %s is refused in words, and stays", async (_, content, message) => {
    await analyze(words("r.csv"));
    const [header] = (await text("r.csv")).split("\r\n");
    const other = message === "no table" && !content.startsWith("a") ? `${header}\r\n${content}` : content;
    await writeFile(join(folder, "r.csv"), other);
    const { code, stderr } = await analyze(words("r.csv", "--resume"));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(stderr).not.toContain(".part");
    expect(await text("r.csv")).toBe(other);
    expect(await readdir(folder)).not.toContain("r.csv.part");
  });

  test("a name that no disk takes is told before a picture is looked at", async () => {
    const seen: string[] = [];
    const { code, stderr } = await analyze(words(`${"n".repeat(300)}.csv`), { onPicture: (source) => void seen.push(source) });
    expect({ code, seen }).toEqual({ code: 1, seen: [] });
    expect(stderr).toMatch(/ENAMETOOLONG.*\n.*shorter name.*\[TF_OUTPUT_UNWRITABLE\]/);
  });

  test("two runs do not write one file", async () => {
    let second: Result | undefined;
    await analyze(words("r.csv"), {
      onPicture: async () => void (second ??= await analyze(words("r.csv", "--resume"))),
    });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("[TF_FOLDER_BUSY]") });
  });
});
