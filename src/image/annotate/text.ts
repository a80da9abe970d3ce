import { fontMetrics, glyphOf } from "./font.ts";

/** Coverage of the pixels of a piece of text, 0..1, rows from the top. */
export interface TextMask {
  readonly width: number;
  readonly height: number;
  readonly coverage: Float32Array;
}

/** Half the pen's width in font units; a ninth of the capitals' height is a medium weight. */
const penRadius = 0.72;
/** The pen never gets thinner than this many pixels, or small text turns grey. */
const thinnestPen = 0.55;

/** Width of a line in pixels, without margins. */
export function measureLine(line: string, capHeight: number): number {
  const units = Array.from(line).reduce((sum, character) => sum + glyphOf(character).width + fontMetrics.spacing, -fontMetrics.spacing);
  return Math.max(0, units) * (capHeight / fontMetrics.capHeight);
}

/** Height of a block of lines in pixels, from the top of the first capitals to the last line's descenders. */
export function measureHeight(lines: number, capHeight: number): number {
  return ((lines - 1) * fontMetrics.lineHeight + fontMetrics.capHeight + fontMetrics.descent) * (capHeight / fontMetrics.capHeight);
}

/**
 * Draws lines of text, anti-aliased: a pixel's coverage follows from its distance to the nearest pen line.
 * @param capHeight height of the capitals in pixels
 * @param margin empty pixels on every side
 */
export function drawText(lines: readonly string[], capHeight: number, margin: number): TextMask {
  const width = Math.ceil(Math.max(0, ...lines.map((line) => measureLine(line, capHeight))) + 2 * margin);
  const height = Math.ceil(measureHeight(lines.length, capHeight) + 2 * margin);
  const mask = { width, height, coverage: new Float32Array(width * height) };
  const scale = capHeight / fontMetrics.capHeight;
  const radius = Math.max(penRadius * scale, thinnestPen);
  for (const [index, line] of lines.entries()) {
    let x = margin;
    const y = margin + index * fontMetrics.lineHeight * scale;
    for (const character of line) {
      const glyph = glyphOf(character);
      for (const points of glyph.lines) {
        const placed = points.map((value, axis) => value * scale + (axis % 2 === 0 ? x : y));
        drawPenLine(mask, placed, radius);
      }
      x += (glyph.width + fontMetrics.spacing) * scale;
    }
  }
  return mask;
}

function drawPenLine(mask: TextMask, points: readonly number[], radius: number): void {
  if (points.length === 2) drawSegment(mask, [points[0]!, points[1]!, points[0]!, points[1]!], radius * 1.3);
  for (let index = 0; index + 3 < points.length; index += 2) {
    drawSegment(mask, [points[index]!, points[index + 1]!, points[index + 2]!, points[index + 3]!], radius);
  }
}

/** A round-ended line; where strokes meet, the larger coverage counts, so that joints get no darker. */
function drawSegment(mask: TextMask, [x0, y0, x1, y1]: readonly [number, number, number, number], radius: number): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(mask.width - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(mask.height - 1, Math.ceil(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squaredLength = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = squaredLength === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squaredLength));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const coverage = Math.min(1, radius + 0.5 - distance);
      const index = y * mask.width + x;
      if (coverage > mask.coverage[index]!) mask.coverage[index] = coverage;
    }
  }
}
