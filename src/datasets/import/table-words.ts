import { foldLabel } from "../../core/index.ts";

/** What a column of a table can hold, and the headers that are taken for it when the user names none. */
export const knownHeaders = {
  file: ["file", "path", "image", "filename", "file_name", "img", "picture"],
  id: ["id"],
  age: ["age", "age_group", "years"],
  age_low: ["age_low"],
  age_high: ["age_high"],
  age_deviation: ["age_deviation"],
  gender: ["gender", "sex"],
  mood: ["mood", "emotion", "expression"],
  mood_votes: ["mood_votes"],
  mood_of_votes: ["mood_of_votes"],
  race: ["race", "ethnicity"],
  subject: ["subject", "subject_id", "subjectid", "user_id", "person", "person_id"],
  split: ["split", "usage", "part", "set"],
} as const;

const allHeaders: ReadonlySet<string> = new Set(Object.values(knownHeaders).flat());

/** Whether a column of that name is taken for something else than a task of the user's own. */
export function isKnownHeader(name: string): boolean {
  return allHeaders.has(foldLabel(name));
}

/** Between the tags of a cell. */
export const tagSeparators = /[;|,]/;

export function isTagSeparator(text: string): boolean {
  return tagSeparators.test(text);
}

/** Words for "none of the tags". */
const noTags: readonly string[] = ["none", "-"];

export function isNoTagWord(word: string): boolean {
  return noTags.includes(word.toLowerCase());
}

/** What programs of statistics and spreadsheets write where nothing is known. */
const noValues: readonly string[] = ["na", "nan", "n/a", "#n/a", "<na>", "null", "none"];

/** Whether a word tells nothing of a field that is known; a class of the user's own may be called so. */
export function isNoValueWord(word: string): boolean {
  return noValues.includes(word.toLowerCase());
}
