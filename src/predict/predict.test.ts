import { describe, expect, test } from "vitest";
import { type HeadManifest, headManifestSchema, templateOf } from "../models/index.ts";
import { float32Tensor, landmarksOf, mainFace } from "../core/index.ts";
import type { FaceDetection, FaceDetector } from "../detect/index.ts";
import type { Split } from "../datasets/record.ts";
import { filledImage } from "../image/index.ts";
import { createCropPredictor, createPhotoPredictor } from "./predict.ts";
import { chooseSystems, countRoles, type FaceOrigin, faceRole, joinRoles, splitRole } from "./systems.ts";
import { isInSplit } from "../datasets/labelled-faces.node.ts";
import { colourHead, stubbornHead } from "./testing.ts";

const landmarks = {
  leftEye: { x: 30, y: 40 },
  rightEye: { x: 70, y: 40 },
  nose: { x: 50, y: 60 },
  leftMouth: { x: 35, y: 75 },
  rightMouth: { x: 65, y: 75 },
};
const faceAt = (x: number, y: number, side: number): FaceDetection => ({ box: { x, y, width: side, height: side }, score: 1, landmarks });
const image = filledImage(100, 100, [40, 255, 0]);
const manifest = headManifestSchema.parse(colourHead);
const head = {
  manifest,
  tasks: ["gender"] as const,
  network: { run: async () => ({ gender: float32Tensor([1, 2], Float32Array.of(0.25, 0.75)) }) },
};
const never = new AbortController().signal;

describe("the face of a picture", () => {
  test("is the one in the middle, measured in its own size", () => {
    const middle = faceAt(45, 45, 10);
    const corner = faceAt(0, 0, 20);
    const large = faceAt(10, 10, 70);
    expect(mainFace(image, [corner, middle])).toBe(middle);
    expect(mainFace(image, [corner, large])).toBe(large);
    expect(mainFace(image, [])).toBeUndefined();
  });
});

describe("photographs", () => {
  test("a face that is not found has no answer; the others keep their places", async () => {
    const detector: FaceDetector = {
      prepare: async ({ width }) => ({ detect: async () => (width === 100 ? [faceAt(20, 20, 60)] : []) }),
    };
    const predict = createPhotoPredictor([head], { detector }, false);
    const empty = filledImage(50, 50, [0, 0, 0]);
    const [missed, found] = await predict(
      [
        { image: empty, scale: 1, source: "x" },
        { image, scale: 1, source: "x" },
      ],
      never,
    );
    expect(missed).toEqual({ found: false, faceSize: undefined, answers: {} });
    expect(found).toEqual({ found: true, faceSize: 60, answers: { colour: { gender: [0.25, 0.75] } } });
  });
});

test.each([
  [undefined, 20],
  ["dlib", 0],
] as const)("faces of photographs are as small as an analyzer finds them with the detector %s", async (choice, least) => {
  const asked: number[] = [];
  const detector: FaceDetector = {
    prepare: async (_, { minFaceSize }) => {
      asked.push(minFaceSize);
      return { detect: async () => [] };
    },
  };
  await createPhotoPredictor([head], { detector, choice })([{ image, scale: 1, source: "x" }], never);
  expect(asked).toEqual([least]);
});

describe("crops", () => {
  /** The crop that the head saw, as brightness of its four corners. */
  async function cornersSeen(source: string): Promise<number[]> {
    const seen: number[] = [];
    const spy = {
      ...head,
      network: {
        run: async (feeds: Readonly<Record<string, { readonly data: ArrayLike<number | bigint> }>>) => {
          const { data } = feeds["picture"]!;
          seen.push(...[0, 7, 56, 63].map((index) => Math.round(Number(data[index]))));
          return { gender: float32Tensor([1, 2], Float32Array.of(0, 1)) };
        },
      },
    };
    const gradient = filledImage(64, 64, [0, 0, 0]);
    const data = gradient.data.map((_, index) => Math.floor((index % (64 * 3)) / 3) * 4);
    const shifted = { ...templateOf(manifest).landmarks };
    const move = (name: keyof typeof shifted) => ({ x: shifted[name].x * 0.5 + 0.25, y: shifted[name].y * 0.5 + 0.25 });
    const half = landmarksOf(move);
    const predict = createCropPredictor([spy], { flipAveraging: false, templates: { wide: half } });
    await predict([{ image: { ...gradient, data }, scale: 1, source }], never);
    return seen;
  }

  test("a picture of a dataset without a template is the whole crop", async () => {
    const [left, right] = await cornersSeen("unknown");
    expect(left).toBeLessThan(20);
    expect(right).toBeGreaterThan(230);
  });

  test("a picture whose dataset has a wider margin is cut to the head's own", async () => {
    const [left, right] = await cornersSeen("wide");
    expect(left).toBeGreaterThan(60);
    expect(right).toBeLessThan(195);
  });
});

describe("systems", () => {
  const mood = headManifestSchema.parse({
    ...manifest,
    id: "mood",
    outputs: [{ task: "mood", output: "mood", activation: "softmax", labels: ["happy", "sad"] }],
  });
  const all = headManifestSchema.parse({ ...manifest, id: "all", outputs: [...manifest.outputs, ...mood.outputs] });
  const ids = (systems: ReturnType<typeof chooseSystems>) => systems.map(({ heads }) => heads.map((one) => one.manifest.id).join("+"));

  test("heads of different tasks are one model", () => {
    expect(ids(chooseSystems([all, manifest, mood], ["colour", "mood"]))).toEqual(["colour+mood"]);
    expect(ids(chooseSystems([all, manifest, mood], ["all", "colour", "mood"]))).toEqual(["all", "colour+mood"]);
    expect(ids(chooseSystems([manifest, stubbornHead], ["colour", "stubborn"]))).toEqual(["colour", "stubborn"]);
  });

  test("without ids, the first head of each task", () => {
    const systems = chooseSystems([stubbornHead, manifest, mood], []);
    expect(systems[0]!.heads.map((one) => [one.manifest.id, one.tasks])).toEqual([
      ["colour", ["age"]],
      ["stubborn", ["gender"]],
      ["mood", ["mood"]],
    ]);
  });

  const trainedWith = (training: Record<string, unknown>): HeadManifest => ({
    ...manifest,
    provenance: { ...manifest.provenance, training },
  });
  const face = (sources: string | readonly string[], split: Split | undefined, officialSplit?: string): FaceOrigin => ({
    sources: [sources].flat(),
    split,
    officialSplit,
  });

  test.each([
    ["training", face("fer2013", "train", "Training")],
    ["selection", face("fer2013", "validation", "PublicTest")],
    ["held out", face("fer2013", "test", "PrivateTest")],
    ["training", face(["mine", "fer2013"], "train", "Training")],
    ["held out", face("mine", "train", "Training")],
  ] as const)("parts that the makers cut: %s", (role, origin) => {
    expect(faceRole(trainedWith({ trainedOn: ["fer2013/Training"], selectedOn: ["fer2013/PublicTest"] }), origin)).toBe(role);
    const both = { trainedOn: ["fer2013/Training", "fer2013/train"], selectedOn: ["fer2013/PublicTest", "fer2013/validation"] };
    expect(faceRole(trainedWith(both), origin)).toBe(role);
    expect(faceRole(manifest, origin)).toBe("unknown");
  });

  test.each([
    ["training", face("fairface", "train", "train")],
    ["selection", face("fairface", "validation", "train")],
    ["held out", face("fairface", "test", "val")],
    ["unknown", face("fairface", undefined)],
  ] as const)("our own splits, whatever the makers call theirs: %s", (role, origin) => {
    expect(faceRole(trainedWith({ trainedOn: ["fairface/train"], selectedOn: ["fairface/validation"] }), origin)).toBe(role);
  });

  test.each([
    ["training", face("adience", "train", "fold-0")],
    ["selection", face("adience", "validation", "fold-0")],
    ["held out", face("adience", "test", "fold-4")],
    // Imported again with another test fold.
    ["unknown", face("adience", "test", "fold-0")],
    ["held out", face("adience", "train", "fold-4")],
  ] as const)("a validation part cut from the makers' parts: %s", (role, origin) => {
    const facts = { trainedOn: ["adience/fold-0", "adience/fold-1", "adience/train"], selectedOn: ["adience/validation"] };
    expect(faceRole(trainedWith(facts), origin)).toBe(role);
  });

  test.each([
    ["training", face("fer2013", "train", "train")],
    // The folder `test` that many copies have is PublicTest and PrivateTest together.
    ["unknown", face("fer2013", "test", "test")],
    ["unknown", face(["mine", "fer2013"], "test", "test")],
    // Cut from the folder `train`, which is Training.
    ["unknown", face("fer2013", "validation", "train")],
  ] as const)("folders that are not the makers' parts: %s", (role, origin) => {
    const facts = { trainedOn: ["fer2013/Training", "fer2013/train"], selectedOn: ["fer2013/PublicTest", "fer2013/validation"] };
    expect(faceRole(trainedWith(facts), origin)).toBe(role);
    const folders = { trainedOn: ["fer2013/train"], selectedOn: ["fer2013/validation"] };
    expect(faceRole(trainedWith(folders), face("fer2013", "test", "test"))).toBe("held out");
  });

  test("data of a format that the head learnt from under another name may be the same", () => {
    const facts = { trainedOn: ["mine/train"], data: [{ format: "fer2013" }] };
    expect(faceRole(trainedWith(facts), face("fer2013", "train", "Training"))).toBe("unknown");
    expect(faceRole(trainedWith(facts), face(["mine", "fer2013"], "train", "Training"))).toBe("training");
    expect(faceRole(trainedWith(facts), face("utkface", "train"))).toBe("held out");
  });

  test("roles of many faces are one, or mixed and counted", () => {
    expect(splitRole(["held out", "held out"])).toBe("held out");
    expect(splitRole(["held out", "training", "held out"])).toBe("mixed");
    expect(countRoles(["held out", "training", "held out"])).toEqual([
      ["training", 1],
      ["held out", 2],
    ]);
    expect(joinRoles(["held out", "selection"])).toBe("selection");
    expect(joinRoles(["selection", "mixed"])).toBe("mixed");
  });
});

test("a split is one of ours, an official part, a fold or all", () => {
  const face = { split: "test", officialSplit: "PrivateTest", fold: 3 } as const;
  for (const name of ["test", "PrivateTest", "privatetest", "fold-3", "all"]) expect(isInSplit(face, name)).toBe(true);
  for (const name of ["train", "validation", "val", "fold-2"]) expect(isInSplit(face, name)).toBe(false);
  // FairFace's official "train" holds faces of our validation split: the word means ours.
  expect(isInSplit({ split: "validation", officialSplit: "train", fold: undefined }, "train")).toBe(false);
  // Folds that were drawn anew take the place of the makers': the name has one meaning.
  const redrawn = { split: "train", officialSplit: "fold-0", fold: 2 } as const;
  expect(["fold-0", "fold-2"].map((name) => isInSplit(redrawn, name))).toEqual([false, true]);
  expect(isInSplit({ split: undefined, officialSplit: undefined, fold: undefined }, "all")).toBe(true);
});
