import sharp from "sharp";
import { fairFaceAgeGroups } from "../../src/core/index.ts";
import type { Verdict } from "./score.ts";

const cell = 150;
const columns = 8;
/** Of the photograph around the face, in face sizes. */
const view = 2.4;

/** Faces with what is true and what was said below them, for a person to look at. */
export async function writeMontage(path: string, verdicts: readonly Verdict[]): Promise<void> {
  const rows = Math.max(1, Math.ceil(verdicts.length / columns));
  const tiles = await Promise.all(
    verdicts.map(async (verdict, index) => ({
      input: await drawTile(verdict),
      left: (index % columns) * cell,
      top: Math.floor(index / columns) * cell,
    })),
  );
  const canvas = sharp({ create: { width: columns * cell, height: rows * cell, channels: 3, background: "black" } });
  await canvas.composite(tiles).png().toFile(path);
}

async function drawTile({ photograph, found, ageGroup }: Verdict): Promise<Buffer> {
  const { crop, faceSize, path } = photograph;
  const { width, height } = await sharp(path).metadata();
  const side = Math.min(Math.round(view * faceSize), width, height);
  const left = clamp(Math.round(crop.left + (crop.side - side) / 2), width - side);
  const top = clamp(Math.round(crop.top + (crop.side - side) / 2), height - side);
  const truth = `${fairFaceAgeGroups[photograph.ageGroup]!.name} ${photograph.gender}`;
  const said =
    found === undefined ? "not found" : `${ageGroup === undefined ? "?" : fairFaceAgeGroups[ageGroup]!.name} ${found.gender ?? "?"}`;
  const text = `<svg width="${cell - 2}" height="16"><rect width="100%" height="100%"/><text x="2" y="12" font-size="11" fill="white">${truth}: ${said}</text></svg>`;
  return sharp(path)
    .extract({ left, top, width: side, height: side })
    .resize(cell - 2, cell - 2)
    .composite([{ input: Buffer.from(text), left: 0, top: cell - 18 }])
    .png()
    .toBuffer();
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
