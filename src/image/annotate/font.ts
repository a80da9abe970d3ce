/**
 * A stroke font, drawn for this project: letters as lines and curves of a pen, so that they can be drawn at any size, in Node and in
 * browsers alike, without a font file. (docs/decisions/2026-11-24-stroke-font.md says why.)
 *
 * Coordinates are digits in base 36, x then y: capitals stand between y = 0 and the base line y = 12 (c), small letters reach up to
 * y = 4, descenders down to y = 16 (g). A stroke begins with its kind: `-` a polyline, `~` a curve and `o` a closed curve (quadratic
 * B-splines: the points pull, the curve runs through the middles between them, an open one begins and ends on its points),
 * `.` a dot.
 */
export const fontMetrics = { capHeight: 12, descent: 4, lineHeight: 21, spacing: 3 } as const;

export interface Glyph {
  /** In font units, without spacing. */
  readonly width: number;
  /** Pen lines, `[x0, y0, x1, y1, ...]` in font units; a dot is a line of one point. */
  readonly lines: readonly (readonly number[])[];
}

/** Character to width and strokes. */
const drawings: Readonly<Record<string, string>> = {
  " ": "3",
  "0": "7 o007074787c0c0804",
  "1": "5 -03404c",
  "2": "7 ~030070750c -0c7c",
  "3": "7 ~0200707636 ~36767c0c0a",
  "4": "7 -5c500878",
  "5": "7 -601015 ~15737c0c0a",
  "6": "7 ~600008 o05757c0c",
  "7": "7 -00702c",
  "8": "7 o10606616 o06767c0c",
  "9": "7 o00707707 ~747c1c",
  A: "8 -0c408c -1878",
  B: "8 -000c ~00707606 ~06868c0c",
  C: "8 ~82800004080c8c8a",
  D: "8 -000c ~008084888c0c",
  E: "7 -70000c7c -0656",
  F: "7 -70000c -0656",
  G: "8 ~82800004080c8c87 -8757",
  H: "8 -000c -808c -0686",
  I: "0 -000c",
  J: "6 -6068 ~686c0c09",
  K: "8 -000c -7007 -348c",
  L: "6 -000c6c",
  M: "8 -0c0048808c",
  N: "8 -0c008c80",
  O: "8 o008084888c0c0804",
  P: "8 -000c ~00808707",
  Q: "8 o008084888c0c0804 -598d",
  R: "8 -000c ~00808707 -478c",
  S: "8 ~82800006868c0c0a",
  T: "8 -0080 -404c",
  U: "8 -0007 ~070c8c87 -8780",
  V: "8 -004c80",
  W: "a -002c548ca0",
  X: "8 -008c -800c",
  Y: "8 -004680 -464c",
  Z: "8 -00800c8c",
  a: "6 o04646c0c -646c",
  b: "6 -000c o04646c0c",
  c: "6 ~6664040c6c6a",
  d: "6 o04646c0c -606c",
  e: "6 -0868 ~6864040c6c6a",
  f: "5 ~502024 -242c -0454",
  g: "6 o04646c0c -646d ~6d6g0g0f",
  h: "6 -000c ~08046468 -686c",
  i: "0 -040c .00",
  j: "2 -242d ~2d2g0g .20",
  k: "6 -000c -6409 -276c",
  l: "2 -0009 ~090c2c",
  m: "8 -040c ~08044448 -484c ~48448488 -888c",
  n: "6 -040c ~08046468 -686c",
  o: "6 o04646c0c",
  p: "6 -040g o04646c0c",
  q: "6 o04646c0c -646g",
  r: "4 -040c ~080444",
  s: "6 ~65640408686c0c0b",
  t: "5 -212a ~2a2c5c -0454",
  u: "6 -0408 ~080c6c68 -646c",
  v: "6 -043c64",
  w: "8 -042c466c84",
  x: "6 -046c -640c",
  y: "6 -043c -643c1g",
  z: "6 -04640c6c",
  ".": "0 .0c",
  ",": "1 -1b0e",
  ":": "0 .05 .0c",
  ";": "1 .15 -1b0e",
  "!": "0 -0008 .0c",
  "?": "6 ~020060653538 .3c",
  "'": "0 -0003",
  '"': "3 -0003 -3033",
  "(": "3 ~3003093c",
  ")": "3 ~0033390c",
  "[": "3 -30000c3c",
  "]": "3 -00303c0c",
  "{": "4 ~40202606 ~06262c4c",
  "}": "4 ~00202646 ~46262c0c",
  "-": "4 -0747",
  "–": "7 -0777",
  "—": "a -07a7",
  _: "7 -0e7e",
  "+": "6 -0767 -343a",
  "±": "6 -0565 -3238 -0c6c",
  "=": "6 -0565 -0969",
  "/": "5 -500d",
  "\\": "5 -005d",
  "|": "0 -000e",
  "%": "9 o00404505 o57979c5c -801c",
  "#": "8 -302c -706c -0484 -0888",
  $: "8 ~82800006868c0c0a -404c",
  "&": "8 ~8c13106064060c6c87",
  "*": "6 -3137 -0266 -6206",
  "<": "6 -63076b",
  ">": "6 -03670b",
  "@": "a o34747939 ~7479a9a0000c8c",
  "^": "6 -033063",
  "`": "2 -0022",
  "~": "7 ~080535497976",
  "°": "4 o00404404",
  "·": "0 .07",
  "×": "6 -056b -650b",
  "…": "6 .0c .3c .6c",
};

/** What stands for a character that the font does not have. */
const missing = "6 -00606c0c00";
/** Straight pieces of one quadratic curve: enough for letters some hundred pixels high. */
const piecesPerCurve = 8;

/** The glyph of a character; accents are left out ("é" is drawn as "e"), what is unknown is an empty box. */
export function glyphOf(character: string): Glyph {
  const base = character.normalize("NFD").charAt(0);
  const [width, ...strokes] = (drawings[character] ?? drawings[base] ?? missing).split(" ").filter((part) => part !== "");
  return width === undefined ? { width: 0, lines: [] } : { width: Number.parseInt(width, 36), lines: strokes.map(strokeLine) };
}

function strokeLine(stroke: string): number[] {
  const points = Array.from(stroke.slice(1), (digit) => Number.parseInt(digit, 36));
  const kind = stroke[0];
  if (kind === "~") return smooth(points);
  return kind === "o" ? smoothClosed(points) : points;
}

/** A quadratic B-spline through the first and the last point, pulled by those between. */
function smooth(points: readonly number[]): number[] {
  const count = points.length / 2;
  const line = [points[0]!, points[1]!];
  for (let index = 1; index < count - 1; index++) {
    const [fromX, fromY] = line.slice(-2);
    const isLast = index === count - 2;
    const toX = isLast ? points[2 * index + 2]! : (points[2 * index]! + points[2 * index + 2]!) / 2;
    const toY = isLast ? points[2 * index + 3]! : (points[2 * index + 1]! + points[2 * index + 3]!) / 2;
    for (let piece = 1; piece <= piecesPerCurve; piece++) {
      const t = piece / piecesPerCurve;
      line.push(quadratic(fromX!, points[2 * index]!, toX, t), quadratic(fromY!, points[2 * index + 1]!, toY, t));
    }
  }
  return line;
}

function smoothClosed(points: readonly number[]): number[] {
  const startX = (points.at(-2)! + points[0]!) / 2;
  const startY = (points.at(-1)! + points[1]!) / 2;
  return smooth([startX, startY, ...points, startX, startY]);
}

function quadratic(from: number, control: number, to: number, t: number): number {
  return (1 - t) * (1 - t) * from + 2 * t * (1 - t) * control + t * t * to;
}
