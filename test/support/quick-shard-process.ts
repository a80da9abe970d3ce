import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type AnalyzedFace, builtInCsvTasks, type FaceAnalysis } from "../../src/analyze/index.ts";
import { serveShards } from "../../src/bulk/testing.ts";
import { diskOf } from "./disk.ts";
import { sampleAnalysis } from "./outcomes.ts";

/** A picture takes up to so long, ms. */
const longest = Number(process.env["BULK_LONGEST"] ?? 0);
/** A picture holds the whole thread for so long, as a network does, ms. */
const blocked = Number(process.env["BULK_BLOCKED"] ?? 0);
/** Room for results, in bytes. */
const room = Number(process.env["BULK_ROOM"] ?? Infinity);

/**
 * A process that does everything but see: what it tells of a picture is made up from the picture's name. A thousand kills then cost the
 * starts of processes, and not those of networks.
 */
serveShards({
  open: diskOf(room),
  openAnalyzer: () =>
    Promise.resolve({
      tasks: builtInCsvTasks(["gender"]),
      async *analyzeAll(pictures) {
        for await (const picture of pictures) {
          if (typeof picture !== "object" || !("source" in picture)) throw new TypeError("a shard names its pictures");
          await sleep(Math.random() * longest);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blocked);
          yield madeUp(picture.source);
        }
      },
    }),
});

/** The same of a picture, whoever looks at it. */
function madeUp(source: string): FaceAnalysis {
  const bytes = createHash("sha256").update(source).digest();
  const faces = Array.from({ length: bytes[0]! % 4 }, (_, index): AnalyzedFace => {
    const [x = 0, y = 0, female = 0] = bytes.subarray(3 * index + 1);
    const point = { x, y };
    const probability = female / 255;
    return {
      box: { ...point, width: 10 + x, height: 10 + y },
      score: probability,
      landmarks: { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point },
      gender: {
        label: probability < 0.5 ? "male" : "female",
        confidence: Math.max(probability, 1 - probability),
        probabilities: { female: probability, male: 1 - probability },
      },
    };
  });
  return sampleAnalysis(source, faces);
}
