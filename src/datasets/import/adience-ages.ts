import { adienceAgeGroups, ageGroupIndex } from "../../core/index.ts";
import { type AgeRange, parseAge } from "../label-words.ts";

/** The eight labels of the strict protocol, as the label files write them. */
const strictLabels: ReadonlyMap<string, AgeRange> = new Map(adienceAgeGroups.map(({ low, high }) => [`(${low}, ${high})`, { low, high }]));

/** The years of one of the eight published groups; `undefined` for every other label. */
export function strictAdienceAge(text: string): AgeRange | undefined {
  return strictLabels.get(text.trim());
}

/**
 * The labels of Adience's five published label files (`fold_0..4_data.txt`) that are none of the eight groups: how many rows
 * carry each, and the group that the mapped protocol puts it into. A single age goes to the nearest group, to the younger one
 * where two are equally near; a range to the group it shares the most years with, the nearest to its middle where it shares
 * none. The turned-around `(25, 23)` counts as 23 to 25.
 */
export const oddAdienceLabels: readonly { readonly label: string; readonly rows: number; readonly group: string }[] = [
  { label: "2", rows: 3, group: "0-2" },
  { label: "3", rows: 18, group: "0-2" },
  { label: "13", rows: 169, group: "8-12" },
  { label: "(8, 23)", rows: 1, group: "15-20" },
  { label: "22", rows: 149, group: "15-20" },
  { label: "23", rows: 96, group: "25-32" },
  { label: "(25, 23)", rows: 72, group: "25-32" },
  { label: "(27, 32)", rows: 77, group: "25-32" },
  { label: "29", rows: 12, group: "25-32" },
  { label: "32", rows: 3, group: "25-32" },
  { label: "34", rows: 105, group: "25-32" },
  { label: "35", rows: 294, group: "25-32" },
  { label: "36", rows: 57, group: "38-43" },
  { label: "(38, 42)", rows: 50, group: "38-43" },
  { label: "(38, 48)", rows: 6, group: "38-43" },
  { label: "42", rows: 1, group: "38-43" },
  { label: "45", rows: 88, group: "38-43" },
  { label: "46", rows: 1, group: "48-53" },
  { label: "55", rows: 77, group: "48-53" },
  { label: "56", rows: 2, group: "48-53" },
  { label: "57", rows: 24, group: "60+" },
  { label: "58", rows: 5, group: "60+" },
];

function sharedYears(range: AgeRange, low: number, high: number): number {
  return Math.max(0, Math.min(range.high, high) - Math.max(range.low, low) + 1);
}

/** The index of the group that a range goes to by the rule of {@link oddAdienceLabels}. */
function groupOfRange(range: AgeRange): number {
  const shared = adienceAgeGroups.map(({ low, high }) => sharedYears(range, low, high));
  const most = Math.max(...shared);
  return most > 0 ? shared.indexOf(most) : ageGroupIndex((range.low + range.high) / 2, adienceAgeGroups);
}

/** The group that the mapped protocol puts a label into, by the rule of {@link oddAdienceLabels}; `undefined` for no age. */
export function mappedAdienceAge(text: string): AgeRange | undefined {
  const turned = /^\((\d+), (\d+)\)$/.exec(text.trim());
  const straight = turned !== null && Number(turned[1]) > Number(turned[2]) ? `(${turned[2]}, ${turned[1]})` : text;
  const range = parseAge(straight);
  if (range === undefined) return undefined;
  const group = adienceAgeGroups[groupOfRange(range)]!;
  return { low: group.low, high: group.high };
}
