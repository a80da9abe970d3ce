import { sigmoid } from "../core/index.ts";
import type { ViewFace } from "./candidate.ts";

/** The variances of SSD's box encoding, as the TensorFlow Object Detection API writes them: centres by 10, sizes by 5. */
const centreScale = 10;
const sizeScale = 5;

/**
 * The faces of one picture of the batch, in pixels of the network's input, before suppression.
 * @param boxes `[priors, 4]`: y, x, height, width against the prior (Liu et al., 2016, equation 2, times 10 and 5)
 * @param logits `[priors, 3]`: background, face, a class that was never trained
 * @param priors `[priors, 4]`, see `ssdPriors`
 */
export function decodeSsd(boxes: Float32Array, logits: Float32Array, priors: Float32Array, scoreThreshold: number): ViewFace[] {
  const faces: ViewFace[] = [];
  const logitThreshold = Math.log(scoreThreshold / (1 - scoreThreshold));
  for (let prior = 0; prior * 4 < boxes.length; prior++) {
    const logit = logits[prior * 3 + 1]!;
    if (logit < logitThreshold) continue;
    const at = prior * 4;
    const width = priors[at + 2]! * Math.exp(boxes[at + 3]! / sizeScale);
    const height = priors[at + 3]! * Math.exp(boxes[at + 2]! / sizeScale);
    const x = priors[at]! + (boxes[at + 1]! / centreScale) * priors[at + 2]!;
    const y = priors[at + 1]! + (boxes[at]! / centreScale) * priors[at + 3]!;
    faces.push({ box: { x: x - width / 2, y: y - height / 2, width, height }, score: sigmoid(logit) });
  }
  return faces;
}
