import { ageGroupIndex, type BoundingBox, createRandom, fairFaceAgeGroups } from "../../src/core/index.ts";
import { percentileInterval, wilsonInterval } from "../../src/evaluate/index.ts";
import type { FoundFace } from "../engines/engine.ts";
import { faceSizes, type Photograph } from "./pictures.ts";

/** What an engine made of one photograph. A face that it did not find has neither gender nor group. */
export interface Verdict {
  readonly photograph: Photograph;
  readonly found: FoundFace | undefined;
  readonly isGenderRight: boolean;
  readonly isAgeGroupRight: boolean;
  /** Index of FairFace's groups that it named. */
  readonly ageGroup: number | undefined;
  /** Boxes where no face is. */
  readonly falseAlarms: number;
}

export function judge(photograph: Photograph, faces: readonly FoundFace[]): Verdict {
  const onFace = faces
    .filter(({ box }) => shows(box, photograph))
    .toSorted((a, b) => offset(a.box, photograph) - offset(b.box, photograph));
  const found = onFace[0];
  const ageGroup = found === undefined ? undefined : groupOf(found);
  return {
    photograph,
    found,
    isGenderRight: found?.gender === photograph.gender,
    isAgeGroupRight: ageGroup === photograph.ageGroup,
    ageGroup,
    falseAlarms: faces.length - onFace.length,
  };
}

/**
 * Whether a box is about the face: its middle lies in the crop. In profile a face does not stand in the middle of its crop, boxes differ in
 * what they hold (hair, chin, a margin), and human's are several times as large as a small face; there is no other one to mean.
 */
function shows(box: BoundingBox, photograph: Photograph): boolean {
  return offset(box, photograph) < photograph.crop.side / 2;
}

/** How far the middle of a box is from the crop's, the larger of both directions. */
function offset(box: BoundingBox, { crop: { left, top, side } }: Photograph): number {
  const middle = side / 2;
  return Math.max(Math.abs(box.x + box.width / 2 - left - middle), Math.abs(box.y + box.height / 2 - top - middle));
}

/** The group that the engine names, else the one of its years, rounded as its makers show them. */
function groupOf({ ageGroup, years }: FoundFace): number | undefined {
  if (ageGroup !== undefined) return fairFaceAgeGroups.findIndex(({ name }) => name === ageGroup);
  return years === undefined ? undefined : ageGroupIndex(Math.round(years), fairFaceAgeGroups);
}

/** The verdicts of one engine on all photographs. */
export interface EngineVerdicts {
  readonly name: string;
  readonly version: string;
  readonly setup: string;
  readonly verdicts: readonly Verdict[];
}

const measures = [
  ["found", ({ found }: Verdict): boolean => found !== undefined],
  ["gender", ({ isGenderRight }: Verdict): boolean => isGenderRight],
  ["age group", ({ isAgeGroupRight }: Verdict): boolean => isAgeGroupRight],
] as const;

/** All photographs, then by size of the face, then by age group, as Markdown. */
export function renderVerdicts(engines: readonly EngineVerdicts[]): string {
  const bySize = faceSizes.map((size) => ({ title: `${size} px`, keep: ({ photograph }: Verdict) => photograph.faceSize === size }));
  const byAge = fairFaceAgeGroups.map(({ name }, index) => ({
    title: name,
    keep: ({ photograph }: Verdict) => photograph.ageGroup === index,
  }));
  return [
    ...engines.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`),
    "",
    ...wholeTable(engines),
    "",
    "By the size of the face, hairline to chin; found / gender / age group:",
    "",
    ...partTable("face", bySize, engines),
    "",
    "By age group, all sizes; found / gender / age group:",
    "",
    ...partTable("age", byAge, engines),
  ].join("\n");
}

function wholeTable(engines: readonly EngineVerdicts[]): string[] {
  return [
    `| of all faces | n | ${measures.map(([title]) => title).join(" | ")} | false alarms |`,
    `| --- | ---: | ${measures.map(() => "---:").join(" | ")} | ---: |`,
    ...engines.map(({ name, verdicts }) => {
      const cells = measures.map(([, isRight]) => shareWithInterval(verdicts.map(isRight)));
      const falseAlarms = verdicts.reduce((sum, verdict) => sum + verdict.falseAlarms, 0);
      return `| ${name} | ${verdicts.length} | ${cells.join(" | ")} | ${falseAlarms} |`;
    }),
  ];
}

interface Part {
  readonly title: string;
  readonly keep: (verdict: Verdict) => boolean;
}

function partTable(title: string, parts: readonly Part[], engines: readonly EngineVerdicts[]): string[] {
  return [
    `| ${title} | n | ${engines.map(({ name }) => name).join(" | ")} |`,
    `| --- | ---: | ${engines.map(() => "---:").join(" | ")} |`,
    ...parts.map((part) => {
      const kept = engines.map(({ verdicts }) => verdicts.filter(part.keep));
      const cells = kept.map((verdicts) => `${measures.map(([, isRight]) => percent(share(verdicts.map(isRight)), 0)).join(" / ")} %`);
      return `| ${part.title} | ${kept[0]!.length} | ${cells.join(" | ")} |`;
    }),
  ];
}

const replicates = 1000;

/** A percentage with its 95 % bootstrap interval; Wilson's where all cases agree. */
function shareWithInterval(cases: readonly boolean[]): string {
  const value = share(cases);
  const random = createRandom(1);
  const draws = Array.from({ length: replicates }, () => share(cases.map(() => cases[random.integer(cases.length)]!)));
  const { low, high } = value === 0 || value === 1 ? wilsonInterval(value, cases.length) : percentileInterval(draws)!;
  return `${percent(value)} % (${percent(low)} to ${percent(high)})`;
}

function share(cases: readonly boolean[]): number {
  return cases.filter(Boolean).length / cases.length;
}

function percent(value: number, digits = 1): string {
  return (100 * value).toFixed(digits);
}
