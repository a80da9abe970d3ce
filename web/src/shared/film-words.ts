import type { Person } from "./film-questions.ts";

/** A mood as photos have it: its label, how sure, and all probabilities. */
export interface MoodAt {
  readonly label: string;
  readonly confidence: number;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What is told of a person at a time, in seconds: of the whole track, and the mood of that second. */
export function answerAt(person: Person, time: number): Pick<Person, "age" | "gender" | "attributes"> & { readonly mood?: MoodAt } {
  const { age, gender, attributes } = person;
  const mood = moodAt(person, time);
  return { ...(age && { age }), ...(gender && { gender }), ...(mood && { mood }), ...(attributes && { attributes }) };
}

/** The mood of a second, or of the nearest one before it; of the first, before that. */
export function moodAt({ moods }: Pick<Person, "moods">, time: number): MoodAt | undefined {
  const point = moods.findLast((one) => one.time <= time) ?? moods[0];
  if (point === undefined) return undefined;
  const { label, probabilities } = point;
  return { label, confidence: probabilities[label] ?? 0, probabilities };
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const endings: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { one: "st", two: "nd", few: "rd" };

/** How often faces are looked for, of a whole number of frames: `every frame`, `every 21st frame`. */
export function everyWords(count: number): string {
  return count === 1 ? "every frame" : `every ${count}${endings[ordinals.select(count)] ?? "th"} frame`;
}
