import { type Gender, maximumAge, type Mood } from "../core/index.ts";

/** Whole years, both ends included. */
export interface AgeRange {
  readonly low: number;
  readonly high: number;
}

/** The words that datasets use for our moods, in lower case. */
const moodWords: Readonly<Record<string, Mood>> = {
  anger: "angry",
  angry: "angry",
  disgust: "disgust",
  disgusted: "disgust",
  fear: "fear",
  fearful: "fear",
  afraid: "fear",
  happy: "happy",
  happiness: "happy",
  joy: "happy",
  sad: "sad",
  sadness: "sad",
  surprise: "surprise",
  surprised: "surprise",
  neutral: "neutral",
};

const genderWords: Readonly<Record<string, Gender>> = {
  f: "female",
  female: "female",
  woman: "female",
  women: "female",
  m: "male",
  male: "male",
  man: "male",
  men: "male",
};

const months: readonly string[] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The mood that a dataset's word stands for; `undefined` for words that name none. */
export function parseMood(text: string): Mood | undefined {
  return own(moodWords, text.trim().toLowerCase());
}

/** The gender that a dataset's word stands for; `undefined` for words that name none. */
export function parseGender(text: string): Gender | undefined {
  return own(genderWords, text.trim().toLowerCase());
}

/**
 * Undoes what a spreadsheet does to `3-9` and `10-19`, which it takes for dates: `03-Sep` gives `3-9`, `Oct-19` gives `10-19`.
 * The smaller number comes first. Text that is no such date comes back as it is.
 */
export function restoreSpreadsheetRange(text: string): string {
  const parts = text.trim().split("-");
  if (parts.length !== 2) return text;
  const numbers = parts.map((part) => {
    const month = months.indexOf(part.trim().toLowerCase());
    return month < 0 ? part.trim() : String(month + 1);
  });
  const hadMonth = parts.some((part) => months.includes(part.trim().toLowerCase()));
  if (!hadMonth || !numbers.every((part) => /^\d{1,2}$/.test(part))) return text;
  const [first, second] = numbers.map(Number).toSorted((a, b) => a - b);
  return `${first}-${second}`;
}

/** An age in whole years, where it has a fraction that is not 0: the nearest. Other text comes back as it is. */
export function roundYears(text: string): string {
  return text.replaceAll(/(?<![\d.])\d{1,3}\.\d*[1-9]\d*(?![\d.])/g, (years) => String(Math.round(Number(years))));
}

/**
 * The years that an age label stands for: `25`, `25.0`, `25-32`, `(25, 32)`, `60+`, `more than 70`.
 * Open ranges end at 100; an exact age keeps its number, up to 150. `undefined` where the text names no age, its range is turned around, or a
 * comma may be one in a number: `25,5`.
 */
export function parseAge(text: string): AgeRange | undefined {
  const word = text.trim().toLowerCase();
  const single = /^(\d{1,3})(?:\.0+)?$/.exec(word);
  if (single !== null) return ordered(Number(single[1]), Number(single[1]));
  const open = /^(?:more than |over )(\d{1,3})$|^(\d{1,3})\s*\+$/.exec(word);
  if (open !== null) return ordered(Number(open[1] ?? open[2]), maximumAge);
  const range = /^\(?\s*(\d{1,3})(?:\.0+)?\s*(?:-|–|,|_|to)\s*(\d{1,3})(?:\.0+)?\s*\)?$/.exec(word);
  return range === null || /^\d+,\d+$/.test(word) ? undefined : ordered(Number(range[1]), Number(range[2]));
}

function ordered(low: number, high: number): AgeRange | undefined {
  return low <= high && high <= 150 ? { low, high } : undefined;
}
