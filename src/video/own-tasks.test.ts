import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import type { AttributeEstimate, Attributes } from "../analyze/index.ts";
import { createRasterImage, type RasterImage } from "../image/index.ts";
import { followFaces, followToEnd } from "./analyze-film.ts";
import { annotateFilm, trackLines } from "./annotate-film.ts";
import type { Film } from "./film.ts";
import { createLiveTracks } from "./live-tracks.ts";
import { type FrameAnalysis, jsonLine, secondsCsv } from "./results.ts";
import { AttributeSummarizer } from "./tracks/attributes.ts";
import { narrowing } from "./tracks/means.ts";
import { TrackSummarizer } from "./tracks/summary.ts";

/** What models of one's own tell in films: one answer for a track, and one for each second. */

/** One look every so many seconds. */
function summary(looks: readonly AttributeEstimate[], apart = 10) {
  const summarizer = new AttributeSummarizer();
  for (const [index, estimate] of looks.entries()) summarizer.add(index * apart, { task: estimate });
  const { attributes, attributeCurves } = summarizer.summary;
  return { answer: attributes!["task"]!, curve: attributeCurves!["task"]! };
}

const glasses = (
  probability: number,
  label: string | null = probability >= 0.5 ? "glasses" : "none",
  novelty?: number,
): AttributeEstimate => ({
  label,
  confidence: Math.max(probability, 1 - probability),
  probabilities: { glasses: probability, none: 1 - probability },
  set: { labels: ["glasses", "none"], level: 0.9 },
  ...(novelty === undefined ? {} : { novelty }),
});

describe("classes", () => {
  it("are the mean of the looks, no surer than they are, without the sets that are promised of one look", () => {
    const { answer, curve } = summary([0.9, 0.9, 0.3].map((value) => glasses(value)));
    expect(answer).toEqual({
      label: "glasses",
      confidence: expect.closeTo(0.7, 3) as number,
      probabilities: { glasses: expect.closeTo(0.7, 3) as number, none: expect.closeTo(0.3, 3) as number },
    });
    expect(curve.filter(({ time }) => time % 10 === 0).map((point) => [point.time, "label" in point && point.label])).toEqual([
      [0, "glasses"],
      [10, "glasses"],
      [20, "none"],
    ]);
    const same = summary(Array.from({ length: 500 }, () => glasses(0.7)));
    expect("confidence" in same.answer && same.answer.confidence).toBeCloseTo(0.7);
  });

  it("count a look less that shows what the one before it showed", () => {
    // Ten looks within a tenth of a second, and one much later.
    const summarizer = new AttributeSummarizer();
    for (let index = 0; index < 10; index++) summarizer.add(index / 100, { task: glasses(0.9) });
    summarizer.add(60, { task: glasses(0.1) });
    const { probabilities } = summarizer.summary.attributes!["task"] as { probabilities: Record<string, number> };
    expect(probabilities["glasses"]).toBeGreaterThan(0.45);
    expect(probabilities["glasses"]).toBeLessThan(0.55);
  });

  it("are not told where most looks are unlike all examples, and else by the others alone", () => {
    const unlike = glasses(0.99, null, 1);
    const most = summary([unlike, unlike, glasses(0.2, "none", 0.5)]);
    expect(most.answer).toMatchObject({ label: null, novelty: expect.closeTo(2.5 / 3, 3) as number });
    const few = summary([unlike, glasses(0.2, "none", 0.5), glasses(0.2, "none", 0.5)]);
    expect(few.answer).toMatchObject({ label: "none", confidence: expect.closeTo(0.8, 3) as number });
    expect(summary([unlike, unlike]).answer).toMatchObject({ label: null, confidence: expect.closeTo(0.99, 3) as number });
  });
});

it("tags are those that are probable on average", () => {
  const tags = (hat: number, scarf: number): AttributeEstimate => ({ labels: [], probabilities: { hat, scarf } });
  expect(summary([tags(0.9, 0.9), tags(0.3, 0), tags(0.6, 0)]).answer).toEqual({
    labels: ["hat"],
    probabilities: { hat: expect.closeTo(0.6, 3) as number, scarf: expect.closeTo(0.3, 3) as number },
  });
});

it("a number has an interval that narrows with looks that have nothing to do with each other, and never below a person's own", () => {
  const number: AttributeEstimate = { value: 6, interval: { low: 4, high: 10, level: 0.8 } };
  const wide = (looks: number, apart: number): number => {
    const { answer } = summary(
      Array.from({ length: looks }, () => number),
      apart,
    );
    if (!("value" in answer)) throw new TypeError("a number was told");
    expect(answer.value).toBeCloseTo(6);
    expect(answer.interval.level).toBe(0.8);
    expect((answer.interval.high - 6) / (6 - answer.interval.low)).toBeCloseTo(2);
    return answer.interval.high - answer.interval.low;
  };
  expect(wide(1, 1)).toBeCloseTo(6);
  expect(wide(5, 100)).toBeCloseTo(6 * narrowing(5));
  expect(wide(100, 1e-6)).toBeCloseTo(6, 3);
  expect(wide(500, 20)).toBeGreaterThan(6 * Math.sqrt(0.7));
  // A second's is a single look's.
  expect(summary([number, number]).curve[0]).toEqual({ time: 0, ...number });
});

const rate = 5;
const film: Film = {
  source: "made",
  width: 320,
  height: 240,
  duration: 2,
  hasSound: false,
  async *frames() {
    for (let index = 0; index < 2 * rate; index++)
      yield {
        index,
        time: index / rate,
        duration: 1 / rate,
        picture: async () => createRasterImage(320, 240, new Uint8Array(320 * 240 * 3).fill(120)),
      };
  },
  [Symbol.asyncDispose]: async () => {},
};

const ofFace: Attributes = {
  "a, b": { label: "=1", confidence: 0.8, probabilities: { "=1": 0.8, 'say "no"': 0.2 } },
  wears: { labels: ["hat"], probabilities: { hat: 0.9, "a mask, perhaps": 0.1 } },
  rating: { value: -2.5, interval: { low: -4, high: 0, level: 0.8 } },
};
const ofPicture: Attributes = { scene: { label: "street", confidence: 0.9, probabilities: { street: 0.9, room: 0.1 } } };

function analyzerOf(attributes: Attributes | undefined, whole: Attributes | undefined) {
  const sample = sampleAnalysis("one");
  const face = { ...sample.faces[0]!, box: { x: 100, y: 60, width: 60, height: 60 }, ...(attributes && { attributes }) };
  const faces = attributes === undefined ? [] : [face];
  return { analyze: async () => ({ ...sample, faces, ...(whole && { attributes: whole }) }) };
}

describe("a film", () => {
  it("tells them of frames that were looked at, of the track, and in a table by second", async () => {
    const frames: FrameAnalysis[] = [];
    const following = followFaces(film, analyzerOf(ofFace, ofPicture), { every: 2 });
    let next = await following.next();
    for (; next.done !== true; next = await following.next()) frames.push(next.value);
    const { told } = next.value;
    expect(frames.map(({ faces, attributes }) => [faces[0]!.attributes !== undefined, attributes !== undefined])).toEqual(
      frames.map((_, index) => [index % 2 === 0, index % 2 === 0]),
    );
    const [track] = told.tracks;
    expect(track!.attributes!["a, b"]).toMatchObject({ label: "=1", confidence: expect.closeTo(0.8) as number });
    expect(Object.values(track!.attributeCurves!).map((curve) => curve.map(({ time }) => time))).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    expect(told.attributes!["scene"]).toMatchObject({ label: "street" });
    expect(JSON.parse(jsonLine(told)).attributeCurves.scene).toHaveLength(2);

    const rows: Record<string, string>[] = parse(secondsCsv(told), { columns: true });
    expect(rows.map(({ second, track: id, mood }) => [second, id, mood !== ""])).toEqual([
      ["0", "1", true],
      ["0", "", false],
      ["1", "1", true],
      ["1", "", false],
    ]);
    // A label that a spreadsheet would run stays words.
    expect(rows[0]).toMatchObject({
      "a, b": "'=1",
      "a, b_confidence": "0.8",
      'a, b_say "no"': "0.2",
      wears: "hat",
      rating: "-2.5",
      rating_low: "-4",
      scene: "",
    });
    expect(rows[1]).toMatchObject({ "a, b": "", rating: "", scene: "street", scene_room: "0.1" });
  });

  it("has a table without a person where pictures alone are told of", async () => {
    const { told } = await followToEnd(followFaces(film, analyzerOf(undefined, ofPicture)));
    const rows: Record<string, string>[] = parse(secondsCsv(told), { columns: true });
    expect(rows.map(({ second, track, scene }) => [second, track, scene])).toEqual([
      ["0", "", "street"],
      ["1", "", "street"],
    ]);
  });

  it("without such models has none of it", async () => {
    const { told } = await followToEnd(followFaces(film, analyzerOf({}, undefined)));
    expect(Object.keys(told)).not.toContain("attributes");
    expect(Object.keys(told.tracks[0]!)).not.toContain("attributeCurves");
    expect(secondsCsv(told).split("\r\n")[0]).toMatch(/^second,track,age.*,mood_\w+$/);
  });

  it("with boxes says them beside the face and the picture", async () => {
    const drawn = async (attributes: Attributes, whole: Attributes | undefined): Promise<Uint8Array> => {
      const followed = await followToEnd(followFaces(film, analyzerOf(attributes, whole)));
      let last = new Uint8Array();
      const write = async ({ image }: { readonly image: RasterImage }): Promise<void> => void (last = new Uint8Array(image.data));
      await annotateFilm(film, { write, finish: async () => {}, cancel: async () => {} }, followed);
      return last;
    };
    const [none, face, picture] = await Promise.all([drawn({}, undefined), drawn(ofFace, undefined), drawn({}, ofPicture)]);
    expect(face).not.toEqual(none);
    expect(picture).not.toEqual(none);
  });
});

it("a film with boxes says no more than it knows: a mood that is as good as guessed is unclear", () => {
  const summarizer = new TrackSummarizer(1);
  const face = sampleAnalysis("one").faces[0]!;
  const mood = {
    label: "fear",
    confidence: 0.24,
    probabilities: { ...face.mood!.probabilities, fear: 0.24, neutral: 0.2, happy: 0.1 },
  } as const;
  for (const time of [0, 1]) summarizer.add(time, { ...face, mood, attributes: { glasses: glasses(0.55) } });
  const lines = trackLines(summarizer.summary, 1).map(({ text }) => text);
  expect(lines.slice(2)).toEqual(["mood unclear", "glasses: unclear"]);
});

it("a camera's recording has them in its table", () => {
  const tracks = createLiveTracks();
  const face = { ...sampleAnalysis("one").faces[0]!, attributes: ofFace };
  for (const time of [0, 0.5, 1]) tracks.add(time, [face]);
  expect(parse<Record<string, string>>(tracks.table(), { columns: true })[1]).toMatchObject({ second: "1", track: "1", wears: "hat" });
});
