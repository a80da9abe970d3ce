import type { DetectorManifest } from "../models/index.ts";
import type { Network } from "./detector.ts";
import { outputRow, type ScanningNetwork } from "./scan.ts";
import { decodeSsd } from "./ssd-decoder.ts";
import { ssdPriors } from "./ssd-priors.ts";

/** Measured: docs/lab/detection.md, recall by size of the face in the network's input. */
const smallestFace = 22;

/**
 * SSD with MobileNet V1 (Liu et al., 2016; Howard et al., 2017), trained on WIDER FACE by the authors of face-api: slower than
 * BlazeFace, and sees more small and crowded faces in one look.
 * @param manifest its outputs name `boxes` (`[N, priors, 4]`) and `scores` (`[N, priors, 3]`, logits)
 */
export function ssd(network: Network, manifest: DetectorManifest): ScanningNetwork {
  return {
    network,
    manifest,
    reach: { inputSize: manifest.input.width, smallestFace },
    decode: (outputs, index, { width, height }) =>
      decodeSsd(
        outputRow(manifest, outputs, "boxes", index),
        outputRow(manifest, outputs, "scores", index),
        ssdPriors(width, height),
        manifest.scoreThreshold,
      ),
  };
}
