/**
 * Advance widths of the characters from blank to `~`, in hundredths of the font's size, as Chromium measures DejaVu Sans: the widest of
 * the faces that `system-ui` and `sans-serif` stand for (Segoe UI, SF, Roboto, Arial and Liberation are 5 to 15 % narrower). Room that is
 * enough for it is enough for all. `test/report.test.ts` holds them against a browser.
 */
const asciiWidths = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53, 100, 68,
  69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55,
  63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
] as const;
/** Bold letters are wider, by about as much each. */
const boldFactor = 1.12;
const combining = /^\p{Mark}$/u;
/** Scripts whose characters fill a square. */
const square = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]$/u;
const otherScripts = 75;

/** Width of a line of text in a sans-serif face, in the unit of `fontSize`; for layouts that are made where no font can be asked. */
export function textWidth(
  text: string,
  fontSize: number,
  { bold = false }: { /** @default false */ readonly bold?: boolean } = {},
): number {
  let hundredths = 0;
  // Taken apart, a letter with an accent is as wide as the letter.
  for (const character of text.normalize("NFD")) hundredths += widthOf(character);
  return (hundredths / 100) * fontSize * (bold ? boldFactor : 1);
}

function widthOf(character: string): number {
  const known = asciiWidths[character.codePointAt(0)! - 32];
  if (known !== undefined) return known;
  if (combining.test(character)) return 0;
  return square.test(character) ? 100 : character === "–" ? 50 : otherScripts;
}
