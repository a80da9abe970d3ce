import type { VideoSample } from "mediabunny";
import { describe, expect, it } from "vitest";
import { difference, gradientImage } from "../../test/fuzz/pictures.ts";
import { createRandom } from "../core/index.ts";
import { createRasterImage, type RasterImage } from "../image/index.ts";
import { blurEffects, hiddenEllipse, hideEllipses } from "./blur/paint.ts";
import { createBlurPlan, ellipsesOf, readBlurPlan } from "./blur/plan.ts";
import { pictureOf } from "./sample-picture.ts";
import { assign } from "./tracks/assignment.ts";
import { boxAt, placesAt } from "./tracks/boxes.ts";
import { isCut, lookOfFrame } from "./tracks/cut.ts";
import { blendColours, colourDistance, coloursAround } from "./tracks/look.ts";
import { MeanInTime, narrowing, StepMeans } from "./tracks/means.ts";
import { Tracker } from "./tracks/tracker.ts";
import { planesOfRgb, rgbOfPlanes } from "./yuv.ts";

describe("planes", () => {
  it.each([
    { matrix: "bt601", fullRange: false },
    { matrix: "bt709", fullRange: false },
    { matrix: "bt709", fullRange: true },
  ] as const)("go to and fro: $matrix, full range $fullRange", (coding) => {
    const image = gradientImage(48, 32);
    const { bytes, width, height } = planesOfRgb(image, coding);
    const planes = [
      { offset: 0, stride: 48 },
      { offset: 48 * 32, stride: 24 },
      { offset: 48 * 40, stride: 24 },
    ];
    const back = rgbOfPlanes({ width, height, bytes, planes, chroma: 420, isInterleaved: false, bits: 8, coding });
    expect(difference(back, image).largest).toBeLessThanOrEqual(7);
  });

  it("mean what ITU-R BT.709 says", () => {
    const red = createRasterImage(
      2,
      2,
      Uint8Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? 255 : 0)),
    );
    const { bytes } = planesOfRgb(red, { matrix: "bt709", fullRange: false });
    expect([...bytes]).toEqual([63, 63, 63, 63, 102, 240]);
  });

  it.each([
    ["of a file that says nothing", "bt709", undefined, "bt601"],
    ["of a file that says so", "bt709", "bt709", "bt709"],
    ["that only the frame tells", "smpte170m", undefined, "bt601"],
    ["that only the frame tells, and no browser guesses", "bt2020-ncl", undefined, "bt2020"],
    ["that nobody tells", null, undefined, "bt601"],
  ] as const)("are read by the matrix %s", async (_, claimed, told, matrix) => {
    const { bytes } = planesOfRgb(gradientImage(48, 32), { matrix: "bt601", fullRange: false });
    const planes = [0, 48 * 32, 48 * 40].map((offset, index) => ({ offset, stride: index === 0 ? 48 : 24 }));
    const sample = {
      format: "I420",
      rotation: 0,
      flip: false,
      visibleRect: { width: 48, height: 32 },
      colorSpace: { matrix: claimed, fullRange: false },
      allocationSize: () => bytes.length,
      copyTo: async (target: Uint8Array) => {
        target.set(bytes);
        return planes;
      },
    };
    const colours = told === undefined ? {} : { matrix: told };
    const image = await pictureOf(sample as unknown as VideoSample, { width: 48, height: 32, colours });
    const coding = { matrix, fullRange: false };
    expect(image.data).toEqual(
      rgbOfPlanes({ width: 48, height: 32, bytes, planes, chroma: 420, isInterleaved: false, bits: 8, coding }).data,
    );
  });

  it("of ten bits lose the last two", () => {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < 12; at++) view.setUint16(at * 2, at < 4 ? 800 : 512, true);
    const planes = [0, 8, 16].map((offset) => ({ offset, stride: 4 }));
    const coding = { matrix: "bt601", fullRange: true } as const;
    const image = rgbOfPlanes({ width: 2, height: 2, bytes, planes, chroma: 444, isInterleaved: false, bits: 10, coding });
    expect([...image.data]).toEqual(Array.from({ length: 12 }, () => 200));
  });

  it("of BT.2020 and of three times four colours give each pixel its own", () => {
    const bytes = Uint8Array.of(100, 150, 128, 200, 128, 60);
    const planes = [0, 2, 4].map((offset) => ({ offset, stride: 2 }));
    const coding = { matrix: "bt2020", fullRange: true } as const;
    const image = rgbOfPlanes({ width: 2, height: 1, bytes, planes, chroma: 444, isInterleaved: false, bits: 8, coding });
    // ITU-R BT.2020: Cb and Cr times 1.8814 and 1.4746, in green 0.1646 and 0.5714.
    const green = (cb: number, cr: number): number => 150 - 0.16455 * cb - 0.57135 * cr;
    expect([...image.data]).toEqual([100, 100, 100, 150 - Math.round(1.4746 * 68), Math.round(green(72, -68)), 255]);
  });

  it.each(["pq", "hlg"] as const)("of a high dynamic range (%s) keep the brightness of paper, and highlights apart", (transfer) => {
    // Codes of 10 bits for white paper, a grey card (26 cd/m²) and black, by ITU-R BT.2408, table 1; and for twice as bright as paper, and four times.
    const codes = { pq: [0.58, 0.38, 0, 0.658, 0.735], hlg: [0.75, 0.38, 0, 0.8685, 0.97] }[transfer];
    const bytes = new Uint8Array(30);
    const view = new DataView(bytes.buffer);
    for (const [at, code] of codes.entries()) view.setUint16(at * 2, Math.round(64 + 876 * code), true);
    for (let at = 5; at < 15; at++) view.setUint16(at * 2, 512, true);
    const planes = [0, 10, 20].map((offset) => ({ offset, stride: 10 }));
    const coding = { matrix: "bt2020", fullRange: false, transfer } as const;
    const { data } = rgbOfPlanes({ width: 5, height: 1, bytes, planes, chroma: 444, isInterleaved: false, bits: 10, coding });
    const [paper, card, black, twice, four] = [0, 3, 6, 9, 12].map((at) => data[at]!);
    expect([...data.subarray(0, 3)]).toEqual([paper, paper, paper]);
    // Light as sRGB codes it: 0.85 for paper, which highlights are to lie above, and 26 / 203 for the card.
    expect(Math.abs(paper! - 237)).toBeLessThanOrEqual(2);
    expect(Math.abs(card! - 100)).toBeLessThanOrEqual(3);
    expect(black).toBe(0);
    expect(twice! - paper!).toBeGreaterThan(4);
    expect(four! - twice!).toBeGreaterThan(1);
  });

  it("of an odd picture repeat its last row and column", () => {
    const { width, height, bytes } = planesOfRgb(gradientImage(5, 3), { matrix: "bt601", fullRange: false });
    expect([width, height, bytes.length]).toEqual([6, 4, 36]);
  });
});

describe("assignment", () => {
  it("is the cheapest there is, as trying all of them finds it", () => {
    const random = createRandom(3);
    for (let round = 0; round < 200; round++) {
      const [rows, columns] = [1 + Math.floor(random.uniform() * 4), 1 + Math.floor(random.uniform() * 4)];
      const costs = Array.from({ length: rows }, () =>
        Array.from({ length: columns }, () => (random.uniform() < 0.2 ? Infinity : Math.round(random.uniform() * 100))),
      );
      const found = assign(costs);
      expect(found.filter((column) => column >= 0).length).toBe(new Set(found.filter((column) => column >= 0)).size);
      expect(worth(costs, found)).toEqual(best(costs, 0, new Set()));
    }
  });

  it("of nothing is nothing", () => {
    expect([assign([]), assign([[], []])]).toEqual([[], [-1, -1]]);
  });

  it("takes a crowd", () => {
    const places = Array.from({ length: 400 }, (_, index) => index);
    expect(assign(places.map((row) => places.map((column) => Math.abs(row - column))))).toEqual(places);
  });
});

/** Links first, then their cost. */
function worth(costs: readonly (readonly number[])[], columns: readonly number[]): [number, number] {
  const chosen = columns.flatMap((column, row) => (column < 0 ? [] : [costs[row]![column]!]));
  return [chosen.length, chosen.reduce((sum, cost) => sum + cost, 0)];
}

function best(costs: readonly (readonly number[])[], row: number, taken: ReadonlySet<number>): [number, number] {
  if (row === costs.length) return [0, 0];
  let found = best(costs, row + 1, taken);
  for (const [column, cost] of costs[row]!.entries()) {
    if (taken.has(column) || !Number.isFinite(cost)) continue;
    const [links, sum] = best(costs, row + 1, new Set([...taken, column]));
    if (links + 1 > found[0] || (links + 1 === found[0] && sum + cost < found[1])) found = [links + 1, sum + cost];
  }
  return found;
}

describe("tracks", () => {
  const colours = coloursAround(gradientImage(64, 64), { x: 20, y: 20, width: 20, height: 20 });
  const at = (x: number, y = 100, size = 40) => ({ box: { x, y, width: size, height: size }, colours });

  it("follow two who pass each other", () => {
    const tracker = new Tracker();
    const ids = Array.from({ length: 12 }, (_, frame) =>
      tracker.add(frame / 5, [at(20 + frame * 25, 100), at(300 - frame * 25, 125)]).map(({ id }) => id),
    );
    expect(ids.every(([first, second]) => first === 1 && second === 2)).toBe(true);
  });

  it("bridge a gap, and end when nobody comes back", () => {
    const tracker = new Tracker();
    for (const look of [0, 1, 2, 3]) tracker.add(look / 5, [at(look * 10)]);
    for (const look of [4, 5, 6]) tracker.add(look / 5, []);
    expect(tracker.tracks[0]!.missedAfter).toBe(4 / 5);
    expect(tracker.settledUntil).toBe(3 / 5);
    tracker.add(7 / 5, [at(70)]);
    expect([tracker.tracks.length, tracker.tracks[0]!.missedAfter, tracker.settledUntil]).toEqual([1, Infinity, 7 / 5]);
    tracker.add(2, []);
    tracker.add(6, [at(70)]);
    expect(tracker.tracks.map(({ points, missedBefore, missedAfter }) => [points.length, missedBefore, missedAfter])).toEqual([
      [5, -Infinity, 2],
      [1, 2, Infinity],
    ]);
    expect([placesAt(tracker.tracks, 1.99).length, placesAt(tracker.tracks, 2).length, placesAt(tracker.tracks, 5.9).length]).toEqual([
      1, 0, 1,
    ]);
  });

  it("go on with who was half hidden before, of whom a small box was found at last", () => {
    const tracker = new Tracker();
    for (const [look, width] of [55, 55, 55, 50, 29].entries()) {
      const box = { x: 200 + look * 20, y: 100, width, height: width * 1.1 };
      tracker.add(look * 0.12, [{ box, colours }]);
    }
    for (const look of [5, 6, 7]) tracker.add(look * 0.12, []);
    // Near where they were going they are looked for as large as they are.
    const [expected] = tracker.expected(8 * 0.12);
    expect(expected!.width).toBeGreaterThan(40);
    tracker.add(8 * 0.12, [{ box: { x: 350, y: 100, width: 50, height: 55 }, colours }]);
    expect(tracker.tracks).toHaveLength(1);
  });

  it("tell where faces are expected, and whether one that was there is missing", () => {
    const tracker = new Tracker();
    for (const look of [0, 1, 2]) tracker.add(look / 5, [at(look * 20), at(300, 200)]);
    const [moving, still] = tracker.expected(3 / 5);
    expect(moving!.x).toBeGreaterThan(50);
    expect(moving!.x).toBeLessThan(62);
    expect(still).toEqual({ x: 300, y: 200, width: expect.closeTo(40, 6), height: expect.closeTo(40, 6) });
    expect(tracker.misses(3 / 5, [at(60), at(300, 200)])).toBe(false);
    expect(tracker.misses(3 / 5, [at(60)])).toBe(true);
    expect(tracker.misses(3 / 5, [at(60), at(150)])).toBe(true);
    tracker.add(3 / 5, [at(60)]);
    // Who was missing already is waited for where they were, and is not missed again.
    expect(tracker.expected(4 / 5)).toHaveLength(2);
    expect(tracker.misses(4 / 5, [at(80)])).toBe(false);
  });

  it("begin after the last search of a whole frame, which could have found them", () => {
    const tracker = new Tracker();
    tracker.add(0, [at(10)]);
    tracker.add(0.2, [at(12)], { isWhole: false });
    tracker.add(0.4, [at(14), at(300)]);
    expect(tracker.tracks.map(({ missedBefore }) => missedBefore)).toEqual([-Infinity, 0]);
    tracker.add(0.6, [at(16), at(300)], { isWhole: false });
    // Until the next search of a whole frame nobody knows who came.
    expect(tracker.settledUntil).toBe(0.4);
  });

  it("end in the next look where looks are farther apart than a face is waited for", () => {
    const tracker = new Tracker();
    for (const look of [0, 1, 2]) tracker.add(look * 10, [at(look * 200)]);
    expect(tracker.tracks.map(({ missedBefore, missedAfter }) => [missedBefore, missedAfter])).toEqual([
      [-Infinity, 10],
      [0, 20],
      [10, Infinity],
    ]);
    expect(placesAt(tracker.tracks, 25)).toHaveLength(1);
  });

  it("go on from such a look to the next where somebody of the same colours is at the same place, and nobody else", () => {
    const other = coloursAround(createRasterImage(64, 64), { x: 20, y: 20, width: 20, height: 20 });
    const next = (sight: ReturnType<typeof at>): number => {
      const tracker = new Tracker();
      for (const look of [0, 1]) tracker.add(look * 10, [at(100)]);
      tracker.add(20, [sight]);
      return tracker.tracks.length;
    };
    expect([next(at(120)), next(at(300)), next({ ...at(120), colours: other })]).toEqual([1, 2, 2]);
    // Who was not there in a look between is somebody new, as ever.
    const tracker = new Tracker();
    for (const [look, sights] of [[at(100)], [], [at(100)]].entries()) tracker.add(look * 10, sights);
    expect(tracker.tracks).toHaveLength(2);
  });

  it("end at a cut, also where a face stands at the same place behind it", () => {
    const tracker = new Tracker();
    for (const look of [0, 1, 2]) tracker.add(look / 5, [at(100)]);
    tracker.add(3 / 5, [at(100)], { isElsewhere: true });
    expect(tracker.tracks.map(({ points, missedAfter }) => [points.length, missedAfter])).toEqual([
      [3, 3 / 5],
      [1, Infinity],
    ]);
  });

  it("end when somebody walks out of the picture: who comes in there is somebody else", () => {
    const frame = { width: 300, height: 300 };
    const [edged, endless] = [new Tracker({ frame }), new Tracker()];
    for (const tracker of [edged, endless]) {
      for (const look of [0, 1, 2]) tracker.add(look / 5, [at(200 + look * 30)]);
      tracker.add(3 / 5, []);
      tracker.add(4 / 5, [at(250)]);
    }
    expect([edged.tracks.length, endless.tracks.length]).toEqual([2, 1]);
    // Who sits at the edge, half seen, stays the same.
    const sitting = new Tracker({ frame });
    for (const look of [0, 1, 2]) sitting.add(look / 5, [at(275)]);
    sitting.add(3 / 5, []);
    sitting.add(4 / 5, [at(275)]);
    expect(sitting.tracks).toHaveLength(1);
  });

  it("reach as far as somebody of the same colours may have run, and not to another", () => {
    const other = coloursAround(createRasterImage(64, 64), { x: 20, y: 20, width: 20, height: 20 });
    const run = (colour: typeof colours): number => {
      const tracker = new Tracker();
      for (const look of [0, 1]) tracker.add(look / 5, [at(look)]);
      tracker.add(2 / 5, [{ ...at(2 + 80), colours: colour }]);
      return tracker.tracks.length;
    };
    expect([run(colours), run(other)]).toEqual([1, 2]);
  });

  it("have boxes between two sights and beyond the ends", () => {
    const box = (x: number) => ({ x, y: 0, width: 10, height: 10 });
    const track = { points: [0, 1].map((time) => ({ time, box: box(time * 100) })) };
    expect(boxAt(track, 0.25)).toEqual({ box: box(25), isSeen: false });
    expect(boxAt(track, 1)).toEqual({ box: box(100), isSeen: true });
    expect(boxAt(track, 1.2)).toBeUndefined();
    expect(boxAt(track, 1.2, 0.5)?.box.x).toBeCloseTo(120);
    expect(boxAt(track, -0.1, 0.5)?.box.x).toBeCloseTo(-10);
  });

  it("tell colours apart, and know the same again", () => {
    const other = coloursAround(createRasterImage(64, 64), { x: 20, y: 20, width: 20, height: 20 });
    expect(colourDistance(colours, colours)).toBeCloseTo(0);
    expect(colourDistance(colours, other)).toBeGreaterThan(0.8);
    expect(colourDistance(colours, blendColours(colours, other))).toBeLessThan(0.3);
  });

  it("are known again by those who went to the edge, where clothes are not seen, and came back", () => {
    const image = gradientImage(64, 64);
    const [whole, low] = [10, 44].map((y) => coloursAround(image, { x: 20, y, width: 18, height: 18 }));
    const away = Array.from({ length: 8 }).reduce<Float32Array>((before) => blendColours(before, low!), whole!);
    const clothes = (colours: Float32Array): Float32Array => colours.map((value, bin) => (bin < colours.length / 2 ? 0 : value));
    expect(clothes(low!).every((value) => value === 0)).toBe(true);
    expect(colourDistance(clothes(away), clothes(whole!))).toBeCloseTo(0);
    // And the other way round: who comes in from there has clothes as soon as they are seen.
    expect(colourDistance(clothes(blendColours(low!, whole!)), clothes(whole!))).toBeCloseTo(0);
  });
});

describe("a cut", () => {
  const wall = gradientImage(160, 120);
  const changed = (isChanged: (x: number, y: number) => boolean): RasterImage => {
    const data = new Uint8Array(wall.data);
    for (let at = 0; at < data.length; at++) {
      const pixel = Math.floor(at / 3);
      if (isChanged(pixel % 160, Math.floor(pixel / 160))) data[at] = (at % 3) * 40;
    }
    return createRasterImage(160, 120, data);
  };

  it("is what changes everywhere, and not somebody who walks through the picture", () => {
    const before = lookOfFrame(wall);
    expect(isCut(before, lookOfFrame(changed(() => true)))).toBe(true);
    expect(isCut(before, lookOfFrame(changed((x) => x > 50 && x < 110)))).toBe(false);
    expect(isCut(before, before)).toBe(false);
  });
});

describe("answers from many looks", () => {
  const looks = (count: number, apart: number) => {
    const mean = new MeanInTime();
    for (let index = 0; index < count; index++) mean.add(index * apart, index % 2);
    return mean.result;
  };

  it("count looks that are far apart, and one alone where they are the same look", () => {
    expect(looks(10, 100).looks).toBeCloseTo(10);
    expect(looks(10, 100).mean).toBeCloseTo(0.5);
    expect(looks(100, 1e-6).looks).toBeCloseTo(1, 3);
    // In between, as the inverse of the matrix of correlations sums to: 1 + 9 (1 - r) / (1 + r) with r = e^-1.
    const kept = Math.exp(-1);
    expect(looks(10, 1).looks).toBeCloseTo(1 + (9 * (1 - kept)) / (1 + kept));
  });

  it("say the mood of each second from the looks around it, and nothing where nobody looked", () => {
    const curve = new StepMeans();
    const times = [0.1, 0.4, 0.9, 1.5, 2.1, 8.5];
    for (const time of times) {
      curve.add(time, { happy: time < 2 ? 1 : 0 });
      // Who asks in between changes nothing.
      expect(curve.points.at(-1)!.time).toBe(Math.floor(time));
    }
    const { points } = curve;
    expect(points.map(({ time, means }) => [time, Math.round(means["happy"]!)])).toEqual([
      [0, 1],
      [1, 1],
      [2, 0],
      [3, 0],
      [7, 0],
      [8, 0],
    ]);
    const weight = (time: number): number => Math.exp(-0.5 * ((time - 1.5) / 0.5) ** 2);
    const near = times.filter((time) => time < 3);
    const total = near.reduce((sum, time) => sum + weight(time), 0);
    expect(points[1]!.means["happy"]).toBeCloseTo(1 - weight(2.1) / total);
  });

  it("narrow an interval, and never below what is the person's own", () => {
    expect(narrowing(1)).toBe(1);
    expect(narrowing(4)).toBeLessThan(1);
    expect(narrowing(1e9)).toBeCloseTo(Math.sqrt(0.7));
  });
});

describe("blur", () => {
  const box = { x: 20, y: 20, width: 24, height: 24 };
  const ellipse = hiddenEllipse(box, 0.3);

  /** Noise whose sum over any square of so many pixels is none. */
  function withOtherDetails(image: RasterImage): RasterImage {
    const data = new Uint8Array(image.data);
    for (let y = 0; y < image.height; y++) {
      for (let x = 0; x < image.width; x++) {
        const sign = (x + y) % 2 === 0 ? 30 : -30;
        for (let channel = 0; channel < 3; channel++) data[(y * image.width + x) * 3 + channel]! += sign;
      }
    }
    return createRasterImage(image.width, image.height, data);
  }

  it.each(blurEffects)(
    "%s: two faces with the same blocks and other details become the same bytes, so nobody can have either back",
    (effect) => {
      // Blocks of 8 pixels: the noise has mean 0 in each.
      const flat = createRasterImage(
        64,
        64,
        Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => 100 + (Math.floor(index / 3) % 64)),
      );
      const even = { x: 8, y: 8, width: 40, height: 40 };
      const [a, b] = [flat, withOtherDetails(flat)].map((image) => hideEllipses(image, [even], effect));
      for (let y = 0; y < 64; y++) {
        for (let x = 0; x < 64; x++) {
          if (((x + 0.5 - 28) / 20) ** 2 + ((y + 0.5 - 28) / 20) ** 2 > 1) continue;
          for (let channel = 0; channel < 3; channel++) {
            const place = (y * 64 + x) * 3 + channel;
            expect(a!.data[place]).toBe(b!.data[place]);
          }
        }
      }
      expect(difference(withOtherDetails(flat), flat).largest).toBe(30);
    },
  );

  it("leaves what is outside as it was, and copes with the picture's edge", () => {
    const image = gradientImage(64, 64);
    const hidden = hideEllipses(image, [ellipse, { x: -20, y: 50, width: 30, height: 30 }, { x: 200, y: 0, width: 9, height: 9 }], "blur");
    expect(hidden.data[(5 * 64 + 40) * 3]).toBe(image.data[(5 * 64 + 40) * 3]);
    expect(hidden.data[(32 * 64 + 32) * 3]).not.toBe(undefined);
    expect(difference(hidden, image).largest).toBeGreaterThan(5);
  });

  it("goes on around who was half hidden when last found: what was hidden last stays hidden beyond its end", () => {
    const points = [
      { time: 0, box: { x: 20, y: 20, width: 40, height: 40 } },
      { time: 0.1, box: { x: 24, y: 20, width: 30, height: 40 } },
    ];
    const at = ellipsesOf(createBlurPlan({ source: "a.mp4", width: 64, height: 64 }, [{ id: 1, points }]));
    const covers = (time: number, x: number, y: number): boolean =>
      at(time).some((one) => ((x - one.x) / one.width - 0.5) ** 2 + ((y - one.y) / one.height - 0.5) ** 2 <= 0.25);
    for (const time of [0.1, 0.2, 0.4, 0.6]) for (const x of [24, 39, 54]) expect(covers(time, x, 40), `${x} at ${time}`).toBe(true);
    // Before the first, it came from where it was going away from.
    for (const x of [20, 40, 60]) expect(covers(-0.3, x, 40)).toBe(true);
    expect(at(0.7)).toEqual([]);
  });

  it("is planned, changed by hand and read again", () => {
    const points = [0, 1].map((time) => ({ time, box }));
    const plan = createBlurPlan(
      { source: "a.mp4", width: 64, height: 64 },
      [1, 2].map((id) => ({ id, points })),
      { keep: [2] },
    );
    expect(readBlurPlan(JSON.stringify(plan), "plan.json")).toEqual(plan);
    expect(ellipsesOf(plan)(0.5)).toEqual([ellipse]);
    expect(ellipsesOf(plan)(1.4)).toEqual([ellipse, ellipse]);
    expect(ellipsesOf(plan)(1.6)).toEqual([]);
    expect(() => readBlurPlan("{}", "plan.json")).toThrow("no plan of tensorface blur");
    expect(() => createBlurPlan(plan, [{ id: 1, points }], { keep: [7] })).toThrow("no face 7");
  });
});
