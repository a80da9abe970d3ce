import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleAnalysis, sampleFace, sampleFailure } from "../../../test/support/outcomes.ts";
import type { CropOptions, NodeAnalyzerOptions } from "../../analyze/options.ts";
import { TensorFaceError } from "../../core/index.ts";
import { dispatch } from "../dispatch.ts";
import type { PictureItem } from "../../bulk/inputs.ts";
import type { CropDependencies } from "../../bulk/crop-pictures.ts";
import { createCropCommand } from "./crop.ts";

let folder = "";
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tensorface-crop-")));
  await mkdir(join(folder, "photos/sub"), { recursive: true });
  for (const name of ["photos/a.jpg", "photos/a.png", "photos/a-2.jpg", "photos/broken.jpg", "photos/sub/a.jpg"])
    await writeFile(join(folder, name), name);
});
afterEach(async () => {
  process.exitCode = undefined;
  await rm(folder, { recursive: true, force: true });
});

interface Result {
  readonly code: number | undefined;
  readonly stderr: string;
  readonly analyzer: NodeAnalyzerOptions | undefined;
  readonly crop: CropOptions | undefined;
}

interface Setting {
  readonly onPicture?: (source: string) => void;
  /** Called while networks are loaded. */
  readonly onLoad?: () => Promise<void>;
  /** Called before each crop. */
  readonly onCrop?: (source: string, face: number) => void;
  /** The head's input. @default 96 */
  readonly headSize?: CropOptions["size"];
}

/** Runs the command with an analyzer that finds two faces in each picture, and crops that tell their source and face. */
async function crop(words: readonly string[], { onPicture, onLoad, onCrop, headSize = 96 }: Setting = {}): Promise<Result> {
  const chunks: string[] = [];
  const stderr = Object.assign(new PassThrough(), { isTTY: false, columns: 100 }) as unknown as NodeJS.WriteStream;
  (stderr as unknown as PassThrough).on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  let analyzer: NodeAnalyzerOptions | undefined;
  let given: CropOptions | undefined;
  const dependencies: CropDependencies = {
    stderr,
    read: () => Promise.resolve(new Uint8Array([7])),
    cropOfHead: () => Promise.resolve({ size: headSize, template: { landmarks: sampleFace().landmarks } }),
    // oxlint-disable-next-line typescript/require-await -- the command takes crops as they come
    renderCrops: async function* (_, { source, faces }, options) {
      given = options.crop;
      for (const index of faces.keys()) {
        onCrop?.(source, index + 1);
        yield new TextEncoder().encode(`${source.slice(folder.length + 1).replaceAll("\\", "/")} ${index + 1}`);
      }
    },
    createAnalyzer: async (options) => {
      analyzer = options;
      await onLoad?.();
      const dispose = (): Promise<void> => Promise.resolve();
      return {
        models: [],
        manifests: [],
        tasks: [],
        device: "cpu",
        analyze: () => Promise.resolve(sampleAnalysis("one")),
        analyzeAll: async function* (inputs) {
          for await (const input of inputs) {
            const { source } = input as { input: PictureItem["input"]; source: string };
            onPicture?.(source);
            yield source.includes("broken") ? sampleFailure(source) : sampleAnalysis(source, [sampleFace(), sampleFace()]);
          }
        },
        dispose,
        [Symbol.asyncDispose]: dispose,
      };
    },
  };
  const command = createCropCommand(() => Promise.resolve(dependencies));
  const code = await dispatch(["crop", ...words.map((word) => word.replace("@", folder))], {
    commands: { crop: { summary: "", load: () => Promise.resolve(command) } },
    version: "",
    print: () => {},
    report: (text) => stderr.write(text),
  });
  return { code: code ?? Number(process.exitCode ?? 0), stderr: chunks.join(""), analyzer, crop: given };
}

/** What the files below a folder hold, but for the table. */
async function filesIn(name: string): Promise<Record<string, string>> {
  const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("crops.csv"));
  const pairs = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(join(folder, name).length + 1).replaceAll("\\", "/"), await readFile(path, "utf8")] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Source, face and crop of each row. */
async function rows(name: string): Promise<string[]> {
  const [header, ...lines] = (await readFile(join(folder, name, "crops.csv"), "utf8")).trimEnd().split("\r\n");
  const at = (column: string): number => header!.split(",").indexOf(column);
  return lines.map((line) => {
    const cells = line.split(",");
    const source = cells[at("source")]!.slice(folder.length + 1).replaceAll("\\", "/");
    return [source, cells[at("face")], cells[at("crop")], cells[at("error_code")]].join(" ").trim();
  });
}

describe("names", () => {
  test("pictures of one stem in different folders or with different endings do not meet", async () => {
    const { code, stderr } = await crop(["@/photos", "--out", "@/out"]);
    expect(await filesIn("out")).toEqual({
      "a-2-face1.png": "photos/a-2.jpg 1",
      "a-2-face2.png": "photos/a-2.jpg 2",
      "a-face1.png": "photos/a.jpg 1",
      "a-face2.png": "photos/a.jpg 2",
      "a-3-face1.png": "photos/a.png 1",
      "a-3-face2.png": "photos/a.png 2",
      "sub/a-face1.png": "photos/sub/a.jpg 1",
      "sub/a-face2.png": "photos/sub/a.jpg 2",
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^5 pictures done, 8 faces, 1 failed, in .*, cut into /);
  });

  test("a name that another picture was given is not given again", async () => {
    await crop(["@/photos/a.jpg", "@/photos/a.png", "@/photos/a-2.jpg", "@/photos/sub/a.jpg", "--out", "@/out"]);
    expect(await filesIn("out")).toMatchObject({
      "a-face1.png": "photos/a.jpg 1",
      "a-2-face1.png": "photos/a.png 1",
      "a-2-2-face1.png": "photos/a-2.jpg 1",
      "a-3-face1.png": "photos/sub/a.jpg 1",
    });
  });

  test("the table tells which crop came from where, in each row", async () => {
    await crop(["@/photos", "--out", "@/out", "--format", "jpeg"]);
    const files = await filesIn("out");
    const told = (await rows("out")).filter((row) => !row.includes("TF_"));
    expect(told).toHaveLength(8);
    for (const row of told) {
      const [source, face, file] = row.split(" ");
      expect(files[file!]).toBe(`${source} ${face}`);
      expect(file).toMatch(/\.jpg$/);
    }
    expect(await rows("out")).toContainEqual(expect.stringMatching(/^photos\/broken\.jpg +TF_IMAGE_CORRUPT$/));
  });

  test("files that are there stay: crops go beside them, also where sources lie", async () => {
    await writeFile(join(folder, "photos/a-face1.png"), "mine");
    await crop(["@/photos/a.jpg", "--out", "@/photos"]);
    expect(await filesIn("photos")).toMatchObject({
      "a.jpg": "photos/a.jpg",
      "a-face1.png": "mine",
      "a-face1-2.png": "photos/a.jpg 1",
      "a-face2.png": "photos/a.jpg 2",
    });
    expect(await rows("photos")).toEqual(["photos/a.jpg 1 a-face1-2.png", "photos/a.jpg 2 a-face2.png"]);
  });

  test("crops below an input never become sources", async () => {
    await mkdir(join(folder, "photos/out"));
    await writeFile(join(folder, "photos/out/old.png"), "old");
    const { stderr } = await crop(["@/photos", "@/photos/**/*.png", "--out", "@/photos/out"]);
    expect(stderr).toContain("6 pictures done");
    expect((await rows("photos/out")).filter((row) => row.startsWith("photos/out"))).toEqual([]);
  });
});

describe("what a run leaves behind", () => {
  test("Ctrl-C keeps what is done: crops, and a table of them", async () => {
    const { code, stderr } = await crop(["@/photos", "--out", "@/out"], {
      onPicture: (source) => {
        if (source.endsWith("a-2.jpg")) process.emit("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain("stopped: 1 picture done, 2 faces");
    expect(await rows("out")).toEqual(["photos/a-2.jpg 1 a-2-face1.png", "photos/a-2.jpg 2 a-2-face2.png"]);
    expect(Object.keys(await filesIn("out"))).toHaveLength(2);
  });

  test("a picture whose second crop fails is one that failed, and leaves none", async () => {
    const { code } = await crop(["@/photos/a.jpg", "@/photos/a.png", "--out", "@/out"], {
      onCrop: (source, face) => {
        if (source.endsWith("a.jpg") && face === 2) throw new TensorFaceError("TF_OUTPUT_UNWRITABLE", "no");
      },
    });
    expect(code).toBe(1);
    expect(await rows("out")).toEqual([
      expect.stringMatching(/^photos\/a\.jpg +TF_OUTPUT_UNWRITABLE$/),
      "photos/a.png 1 a-2-face1.png",
      "photos/a.png 2 a-2-face2.png",
    ]);
    expect(Object.keys(await filesIn("out")).toSorted()).toEqual(["a-2-face1.png", "a-2-face2.png"]);
  });

  test("a table that another run has finished meanwhile stays", async () => {
    const onLoad = async (): Promise<void> => {
      await mkdir(join(folder, "out"));
      await writeFile(join(folder, "out/crops.csv"), "of another run");
    };
    const { code, stderr } = await crop(["@/photos/a.jpg", "--out", "@/out"], { onLoad });
    expect([code, stderr]).toEqual([2, expect.stringContaining("holds the crops of an earlier run")]);
    expect(await filesIn("out")).toEqual({});
    expect(await readFile(join(folder, "out/crops.csv"), "utf8")).toBe("of another run");
  });

  test("a full disk ends the run, and tells where the table is", async () => {
    const { code, stderr } = await crop(["@/photos/a.jpg", "@/photos/a.png", "--out", "@/out"], {
      onCrop: (source) => {
        if (source.endsWith("a.png")) throw new TensorFaceError("TF_OUTPUT_FULL", "the disk is full");
      },
    });
    expect(code).toBe(1);
    expect(stderr).toContain("crops.csv.part");
    expect(stderr).not.toContain("--resume");
    expect(Object.keys(await filesIn("out")).toSorted()).toEqual(["a-face1.png", "a-face2.png"]);
    expect((await crop(["@/photos/a.jpg", "--out", "@/out"])).stderr).toContain("TF_OUTPUT_UNFINISHED");
  });
});

describe("options", () => {
  test("no task is told; what finds faces is passed on", async () => {
    const words = ["--detector", "ssd", "--min-face", "40", "--min-score", "0.5", "--max-faces", "3"];
    const { analyzer } = await crop(["@/photos/a.jpg", "--out", "@/out", ...words]);
    expect(analyzer).toMatchObject({ tasks: [], detector: "ssd", minFaceSize: 40, minScore: 0.5, maxFaces: 3 });
  });

  test("dlib's scores have no end, those of the others have", async () => {
    const asked = ["@/photos/a.jpg", "--out", "@/out", "--min-score", "1.2"];
    expect((await crop([...asked, "--detector", "dlib"])).analyzer).toMatchObject({ detector: "dlib", minScore: 1.2 });
    const refused = await crop(asked);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--min-score expects a number from 0 to 1, got "1.2"') });
  });

  test("size, margin and align; a template has its head's size unless another is asked for", async () => {
    const cut = async (...words: string[]): Promise<CropOptions | undefined> => {
      await rm(join(folder, "out"), { recursive: true, force: true });
      return (await crop(["@/photos/a.jpg", "--out", "@/out", ...words])).crop;
    };
    expect(await cut("--size", "64", "--margin", "0.5", "--align")).toEqual({ size: 64, margin: 0.5, align: true });
    expect(await cut("--template", "mood")).toMatchObject({ size: 96, template: expect.any(Object) });
    expect(await cut("--template", "mood", "--size", "300")).toMatchObject({ size: 300, template: expect.any(Object) });
  });

  test("a head that sees no squares: its proportions stay, and the size is the longer side's", async () => {
    const cut = async (...words: string[]): Promise<CropOptions["size"]> => {
      await rm(join(folder, "out"), { recursive: true, force: true });
      const headSize = { width: 136, height: 143 };
      return (await crop(["@/photos/a.jpg", "--out", "@/out", "--template", "mine", ...words], { headSize })).crop?.size;
    };
    expect(await cut()).toEqual({ width: 136, height: 143 });
    expect(await cut("--size", "286")).toEqual({ width: 272, height: 286 });
    expect(await cut("--size", "1")).toEqual({ width: 1, height: 1 });
  });

  test.each([
    [["--out", "@/out"], "at least one INPUT"],
    [["@/photos"], "crop needs --out DIR"],
    [["@/photos", "--out", "@/photos/a.jpg"], "is no folder"],
    [["@/photos", "--out", "@/photos"], "holds the pictures of"],
    [["@/photos/*.jpg", "--out", "@/photos"], "holds the pictures of"],
    [["@/photos", "--out", "@/out", "--size", "5000"], "--size expects a whole number from 1 to 4096"],
    [["@/photos", "--out", "@/out", "--margin", "-1"], "--margin expects"],
    [["@/photos", "--out", "@/out", "--format", "gif"], "png"],
    [["@/photos", "--out", "@/out", "--template", "mood", "--align"], "leave --margin and --align out"],
  ])("wrong use: %o", async (words, message) => {
    const { code, stderr } = await crop(words);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test("a folder with the crops of an earlier run is refused, and stays as it is", async () => {
    await crop(["@/photos/a.jpg", "--out", "@/out"]);
    const before = await filesIn("out");
    expect(await crop(["@/photos/a.png", "--out", "@/out"])).toMatchObject({ code: 2, stderr: expect.stringContaining("earlier run") });
    expect(await filesIn("out")).toEqual(before);
  });
});
