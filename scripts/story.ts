import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isTensorFaceError } from "../src/core/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { fitWithin, type RasterImage } from "../src/image/index.ts";
import { type ExampleData, exampleData } from "../src/notebook/index.ts";
import { type Block, factsTable, heading, numberTable, paragraph, renderBlocks, renderPage } from "../src/report/index.ts";
import { type Answer, type Outcome, picturesIn, wayOf2017, wayOfToday } from "./story/ways.ts";
import { anyText, readWords, wholeNumber } from "./words.ts";

/**
 * `npm run story`: from raw files to an answer on a group picture, by the way of 2017 and by that of today, with the pictures and the page
 * that it makes. Without data of somebody's own it draws three small sets from the portrait: then it shows that both ways work, and its
 * numbers say nothing about people.
 *
 *   npm run story
 *   npm run story -- --data DIR --group party.jpg      data/moods/happy/1.jpg, data/gender/female/2.jpg, ...
 */
const { values } = readWords("npm run story --", {
  data: anyText(),
  group: anyText(),
  out: anyText("out/story"),
  steps: wholeNumber(),
  count: wholeNumber(20),
});
const { out } = values;
const wide = ".answer { margin: 14px 0; } .answer img { max-width: 100%; height: auto; display: block; }";
const say = (line: string): void => console.log(line);
try {
  await tell();
} catch (error) {
  if (!isTensorFaceError(error)) throw error;
  console.error(`${error.message}\n  ${error.hint}`);
  process.exitCode = 1;
}

async function tell(): Promise<void> {
  const data = await exampleData({ from: values.data, group: values.group, count: values.count });
  /** The script's own 4,000 steps; drawn sets are learnt after a tenth of them. */
  const steps = values.steps ?? (data.isMade ? 400 : 4000);
  await mkdir(out, { recursive: true });
  const before = await wayOf2017(data.sets, data.group, { out, steps, say });
  const today = await wayOfToday(data.sets, data.group, { out, steps, say });
  const outcomes = [...before.outcomes, ...today.outcomes];

  await save("group.jpg", (await decode(data.group)).image);
  await save("group-2017.jpg", before.answer.picture);
  await save("group-today.jpg", today.answer.picture);
  const page = [
    await renderBlocks([...(await told(data)), ...numbers(outcomes, steps, before.whole)]),
    await renderBlocks(answersHeading()),
    await figure("2017", before.answer.picture),
    await figure("today", today.answer.picture),
    await renderBlocks([facesTable("2017", before.answer), facesTable("Today", today.answer)]),
  ];
  await writeFile(join(out, "index.html"), renderPage("From raw files to an answer", page.join("\n"), { style: wide }));
  await writeFile(join(out, "story.json"), `${JSON.stringify({ isMade: data.isMade, steps, outcomes }, undefined, 2)}\n`);
  for (const { set, way, right, asked, leftOut, seconds } of outcomes)
    say(
      `${set}, ${way}: ${share(right.value)} (${share(right.low)} to ${share(right.high)}) of ${asked}, ${leftOut} left out, ${seconds.toFixed(0)} s`,
    );
  say(`written to ${out}: open index.html there`);
}

async function told({ isMade, sets }: ExampleData): Promise<Block[]> {
  const shown = sets.flatMap(({ name, folder, classes }) =>
    classes.map(async (label) => {
      const [path] = await picturesIn(join(folder, label));
      if (path === undefined) return [];
      const { image } = await decode(path);
      const caption = `${name}: ${label}`;
      return [{ url: await url(image, 160), alternative: caption, caption, name: basename(path) }];
    }),
  );
  const items = (await Promise.all(shown)).flat();
  const table = factsTable(
    "Sets",
    sets.map(({ name, classes }) => [name, classes.join(", ")] as const),
  );
  return [
    heading(1, "From raw files to an answer"),
    paragraph(
      isMade
        ? "No data were named, so three small sets were drawn from one portrait. What follows shows that both ways work. The numbers say nothing about people."
        : "On data of yours, each picture with the label of its folder.",
    ),
    heading(2, "The raw files"),
    { kind: "pictures", title: "One picture of each class", items, table },
    table,
  ];
}

function numbers(rows: readonly Outcome[], steps: number, whole: readonly string[]): Block[] {
  const cells = rows.map(({ set, way, right, baseline, asked, leftOut, seconds }) => [
    set,
    way === "2017" ? "2017: dlib, Inception V3, retrain.py" : "today: retrain",
    share(right.value),
    `${share(right.low)} to ${share(right.high)}`,
    share(baseline),
    String(asked),
    String(leftOut),
    seconds.toFixed(0),
  ]);
  const columns = ["set", "way", "right", "95 % interval", "always the largest class", "asked", "left out", "seconds"];
  return [
    heading(2, "What was learnt"),
    paragraph(
      `The way of 2017 asks the pictures that its split keeps apart, after ${steps} steps. Today each picture is asked of a model that was made without it, or, of more than 1,000, a part that was kept apart. Left out is where no face was found.`,
    ),
    ...whole.map((set) =>
      paragraph(`In most pictures of ${set} dlib's detector finds no face: the way of 2017 learns from them as they are.`),
    ),
    numberTable("Both ways", columns, cells, { textColumns: [0, 1] }),
  ];
}

function answersHeading(): Block[] {
  const order = "Above the way of 2017, below that of today, which tells age, gender and mood as well.";
  return [heading(2, "The answer on a group picture"), paragraph(order)];
}

function facesTable(way: string, { faces }: Answer): Block {
  return factsTable(
    `${way}: ${faces.length} faces`,
    faces.map((text, index) => [String(index + 1), text] as const),
  );
}

async function figure(way: string, image: RasterImage): Promise<string> {
  const alternative = `the group picture with the answers of ${way}`;
  return `<figure class="answer"><img alt="${alternative}" src="${await url(image, 1100)}"><figcaption>${way}</figcaption></figure>`;
}

async function save(name: string, image: RasterImage): Promise<void> {
  await writeFile(join(out, name), await encode(image, { format: "jpeg", quality: 90 }));
}

async function url(image: RasterImage, maxSide: number): Promise<string> {
  const bytes = await encode(fitWithin(image, { maxSide }), { format: "jpeg", quality: 85 });
  return `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
