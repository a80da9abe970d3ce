import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conditions } from "../scripts/recall/conditions.ts";
import { makeCut } from "../scripts/recall/cuts.ts";
import { type FacePicture, loadPortrait, makeMosaic } from "../scripts/recall/mosaic.ts";
import { createAnalyzer, type FaceAnalyzer, type PictureInput } from "../src/_entries/node.ts";
import { type AffineTransform, createRandom } from "../src/core/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { filledImage, type RasterImage, resize, warpAffine } from "../src/image/index.ts";

/** The installed networks on real pixels: what a user gets. */
const portraitPath = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));
/** Hairline to chin, ear to ear, drawn by hand. */
const face = { x: 180, y: 68, width: 94, height: 108 };
let analyzer: FaceAnalyzer<PictureInput>;
let portrait: RasterImage;
let heads: FacePicture[];

beforeAll(async () => {
  analyzer = await createAnalyzer();
  portrait = (await decode(portraitPath)).image;
  heads = await loadPortrait(portraitPath);
});
afterAll(async () => analyzer.dispose());

describe("the portrait", () => {
  test.each(["blazeface", "ssd"] as const)("%s finds its one face, box and landmarks where they are", async (detector) => {
    await using own = await createAnalyzer({ detector });
    const { faces, timings, width, height } = await own.analyze(portraitPath);
    expect([width, height, faces.length]).toEqual([512, 512, 1]);
    const [{ box, landmarks, score }] = faces as [(typeof faces)[number]];
    for (const side of ["x", "y", "width", "height"] as const) expect(Math.abs(box[side] - face[side])).toBeLessThan(12);
    expect(score).toBeGreaterThan(0.6);
    expect(landmarks.leftEye).toEqual({ x: near(204), y: near(101) });
    expect(landmarks.rightEye).toEqual({ x: near(247), y: near(103) });
    expect(landmarks.nose).toEqual({ x: near(223), y: near(131) });
    expect(landmarks.leftMouth).toEqual({ x: near(201), y: near(139) });
    expect(landmarks.rightMouth).toEqual({ x: near(246), y: near(141) });
    for (const milliseconds of Object.values(timings)) expect(milliseconds).toBeGreaterThan(0);
  });

  test("dlib finds dlib's box with dlib's score, and the landmarks that the others find", async () => {
    await using own = await createAnalyzer({ detector: "dlib" });
    const { faces } = await own.analyze(portraitPath);
    expect(faces).toHaveLength(1);
    const [{ box, landmarks, score, gender }] = faces as [(typeof faces)[number]];
    expect(box).toEqual({ x: 179, y: 83, width: 88, height: 88 });
    expect(score).toBeCloseTo(1.534, 2);
    expect(landmarks.leftEye).toEqual({ x: near(204), y: near(101) });
    expect(landmarks.rightMouth).toEqual({ x: near(246), y: near(141) });
    expect(gender!.label).toBe("female");
  });

  test("dlib looks at all pixels of a large picture: shrunk like for the others, this face would be too small for it", async () => {
    await using own = await createAnalyzer({ detector: "dlib", tasks: [] });
    // Moved by whole cells, so that the face is seen as in the portrait.
    const large = warpAffine(portrait, { a: 1, b: 0, tx: -1600, c: 0, d: 1, ty: -800 }, 3000, 1600);
    const widths = (await own.analyze(large)).faces.map(({ box }) => box.width);
    expect(widths).toContain(88);
  });

  test("what is told of the face is what one sees, and adds up", async () => {
    const [found] = (await analyzer.analyze(portraitPath)).faces;
    expect(found!.gender!.label).toBe("female");
    expect(found!.mood!.label).toBe("happy");
    expect(found!.age!.years).toBeGreaterThan(20);
    expect(found!.age!.years).toBeLessThan(50);
    for (const { probabilities } of [found!.age!, found!.gender!, found!.mood!]) {
      expect(Object.values(probabilities).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  test("a mirrored face answers alike, with flip averaging exactly alike", async () => {
    await using averaging = await createAnalyzer({ flipAveraging: true });
    const mirrored = warpAffine(portrait, { a: -1, b: 0, tx: 512, c: 0, d: 1, ty: 0 }, 512, 512);
    const [[seen], [mirror]] = [(await averaging.analyze(portrait)).faces, (await averaging.analyze(mirrored)).faces];
    // The detector places a mirrored face a hundredth otherwise: its age moves by a small part of what the interval leaves open.
    const { years, interval } = seen!.age!;
    expect(Math.abs(years - mirror!.age!.years) / (interval.high - interval.low)).toBeLessThan(0.15);
    expect(Math.abs(seen!.gender!.probabilities.female - mirror!.gender!.probabilities.female)).toBeLessThan(0.05);
    expect(mirror!.landmarks.leftEye.x).toBeCloseTo(512 - seen!.landmarks.rightEye.x, -1);
  });

  test("two analyzers at once give the same answer", async () => {
    await using other = await createAnalyzer();
    const [a, b] = await Promise.all([analyzer.analyze(portraitPath), other.analyze(portraitPath)]);
    expect(a.faces).toEqual(b.faces);
  });
});

describe("turned pictures", () => {
  test.each([-30, -15, 15, 30])("%i degrees are found without being asked for", async (degrees) => {
    const { faces } = await analyzer.analyze(turned(degrees));
    expect(faces).toHaveLength(1);
    expect(rollOf(faces[0]!)).toBeCloseTo(degrees + 3, -1);
  });

  test.each([90, 180, 270])("%i degrees are found with anyRotation, eyes named as in the upright face", async (degrees) => {
    await using own = await createAnalyzer({ anyRotation: true, tasks: ["gender"] });
    const { faces } = await own.analyze(turned(degrees));
    expect(faces).toHaveLength(1);
    expect(Math.cos(((rollOf(faces[0]!) - degrees - 3) * Math.PI) / 180)).toBeGreaterThan(0.99);
    expect(faces[0]!.gender!.label).toBe("female");
  });
});

describe("mosaics", () => {
  test.each(["32 px", "64 px", "200 px", "turned by 30°", "dark (x 0.25)", "JPEG 30"])(
    "%s: nearly all faces, hardly anything else",
    async (name) => {
      const condition = conditions.find((each) => each.name === name)!;
      const count = condition.size > 150 ? 6 : 12;
      const mosaic = await makeMosaic(
        Array.from({ length: count }, () => heads[0]!),
        condition,
        createRandom(1),
      );
      const { faces } = await analyzer.analyze(mosaic.image);
      const hits = mosaic.faces.filter(({ centre, size }) =>
        faces.some(({ box }) => Math.hypot(box.x + box.width / 2 - centre.x, box.y + box.height / 2 - centre.y) < size / 2),
      ).length;
      expect(hits).toBeGreaterThanOrEqual(count - 1);
      expect(faces.length - hits).toBeLessThanOrEqual(1);
      const areas = faces.map(({ box }) => box.width * box.height);
      expect(areas).toEqual(areas.toSorted((a, b) => b - a));
    },
  );

  test("large cuts of the portrait hold one face, and nothing beside it is taken for one", async () => {
    const random = createRandom(77);
    await using own = await createAnalyzer({ tasks: [] });
    for (let index = 0; index < 16; index++) {
      const { image, faces: known } = await makeCut(portraitPath, random.fork(`cut ${index}`));
      const { faces } = await own.analyze(image);
      expect(faces, `cut ${index}`).toHaveLength(1);
      const { box } = faces[0]!;
      const [{ centre, size }] = known as [(typeof known)[number]];
      expect(Math.hypot(box.x + box.width / 2 - centre.x, box.y + box.height / 2 - centre.y)).toBeLessThan(size / 4);
    }
  });

  test("a drawn background without faces has none", async () => {
    const { image } = await makeMosaic([], conditions.at(-1)!, createRandom(2));
    expect((await analyzer.analyze(image)).faces).toEqual([]);
  });

  test("a small face in a large picture is found, maxFaces and minFaceSize hold", async () => {
    const large = filledImage(2400, 1800, [90, 110, 130]);
    const data = new Uint8Array(large.data);
    for (const [side, left, top] of [
      [110, 2200, 1600],
      [320, 300, 300],
    ] as const) {
      const small = resize(heads[0]!.image, side, side);
      for (let y = 0; y < side; y++) data.set(small.data.subarray(y * side * 3, (y + 1) * side * 3), ((top + y) * 2400 + left) * 3);
    }
    const image = { ...large, data };
    const { faces } = await analyzer.analyze(image);
    expect(faces).toHaveLength(2);
    expect(faces[1]!.box.x).toBeGreaterThan(2200);
    expect(faces[1]!.box.width).toBeLessThan(80);
    await using choosy = await createAnalyzer({ maxFaces: 1, tasks: [] });
    expect((await choosy.analyze(image)).faces.map(({ box }) => Math.round(box.x / 100))).toEqual([4]);
    await using large100 = await createAnalyzer({ minFaceSize: 100, tasks: [] });
    expect((await large100.analyze(image)).faces).toHaveLength(1);
  });
});

describe("panoramas and strips", () => {
  const size = 512;
  /** The portrait, whose face is 95 x 110 pixels, at a place of a grey picture. */
  const placed = async (width: number, height: number, share: number): Promise<{ bytes: Uint8Array; left: number; top: number }> => {
    const [left, top] = [Math.round((width - size) * share), Math.round((height - size) * (1 - share))];
    const canvas = sharp({ create: { width, height, channels: 3, background: "#8a8f86" } });
    const bytes = await canvas
      .composite([{ input: portraitPath, left, top }])
      .jpeg({ quality: 90 })
      .toBuffer();
    return { bytes, left, top };
  };

  // Where the working size followed the longer side, these lost the face, or took the model of a rocket for one.
  test.each([
    [9000, 2500],
    [8000, 1500],
    [1000, 16_000],
    [5000, 5000],
  ])("a face of 110 pixels is found in %i x %i, alone", async (width, height) => {
    await using own = await createAnalyzer({ tasks: [] });
    for (const share of [0.1, 0.5, 0.85]) {
      const { bytes, left, top } = await placed(width, height, share);
      const { faces } = await own.analyze(bytes);
      expect(faces).toHaveLength(1);
      const { box } = faces[0]!;
      expect(Math.hypot(box.x + box.width / 2 - left - 227, box.y + box.height / 2 - top - 122)).toBeLessThan(25);
    }
  });
});

test("memory stays flat over many analyses", async () => {
  const small = resize(portrait, 256, 256);
  const run = async (count: number): Promise<number> => {
    for (let index = 0; index < count; index++) expect((await analyzer.analyze(small)).faces).toHaveLength(1);
    return process.memoryUsage.rss() / 2 ** 20;
  };
  const base = await run(40);
  expect((await run(80)) - base).toBeLessThan(Math.max(30, base * 0.05));
}, 120_000);

function near(value: number): unknown {
  return expect.toSatisfy((actual: number) => Math.abs(actual - value) < 5, `within 5 of ${value}`);
}

function turned(degrees: number): RasterImage {
  const angle = (degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const back: AffineTransform = {
    a: cosine,
    b: sine,
    tx: 256 - (cosine + sine) * 256,
    c: -sine,
    d: cosine,
    ty: 256 - (cosine - sine) * 256,
  };
  return warpAffine(portrait, back, 512, 512, { border: [60, 60, 60] });
}

/** Degrees, clockwise as seen. */
function rollOf({
  landmarks: { leftEye, rightEye },
}: {
  readonly landmarks: { readonly leftEye: { x: number; y: number }; readonly rightEye: { x: number; y: number } };
}): number {
  return (Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x) * 180) / Math.PI;
}
