import { TensorFaceError } from "../../core/index.ts";

/** A word that names more is a slip: nobody has so many archives. */
const mostWords = 100_000;

/**
 * The words that ranges of numbers in a word stand for, as shells and WebDataset write them: `{08..10}.tar` is `08.tar`, `09.tar`, `10.tar`. Globs
 * do not know them. All of them are meant: one where nothing is has been lost, where a glob would pass it over.
 * @throws {TF_INVALID_ARGUMENT} for more than a hundred thousand
 */
export function spellRanges(word: string): readonly string[] {
  const [range, first, last] = /\{(\d+)\.\.(\d+)\}/.exec(word) ?? [];
  if (range === undefined || first === undefined || last === undefined) return [word];
  const [head, ...rest] = word.split(range);
  const tails = spellRanges(rest.join(range));
  const numbers = numbersBetween(first, last, mostWords / tails.length);
  if (numbers === undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${word}" names more than ${mostWords} files`);
  return numbers.flatMap((number) => tails.map((tail) => `${head}${number}${tail}`));
}

/** As wide as the wider end, where one begins with 0. Undefined for more than `most`. */
function numbersBetween(first: string, last: string, most: number): readonly string[] | undefined {
  const [from, to] = [Number(first), Number(last)];
  if (Math.abs(to - from) >= most) return undefined;
  const width = [first, last].some((end) => /^0\d/.test(end)) ? Math.max(first.length, last.length) : 0;
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => String(from + index * step).padStart(width, "0"));
}
