import type { DetectorManifest } from "../models/index.ts";
import { blazeFaceGrids, decodeBlazeFace } from "./blazeface-decoder.ts";
import type { Network } from "./detector.ts";
import { outputRow, type ScanningNetwork } from "./scan.ts";

/** Measured: docs/lab/detection.md, recall by size of the face in the network's input. */
const smallestFace = 10;
/** Of the sizes for near faces that the network was made for; a face that fills it or a third of it is found. */
const closeUp = 128;

/**
 * MediaPipe's BlazeFace for back cameras (Bazarevsky et al., 2019): very fast, and with the mesh behind it sure of faces
 * from 10 pixels up, tilted by 60 degrees and more.
 * @param manifest its outputs name `scores16` and `boxes16` (anchors 16 pixels apart), `scores32` and `boxes32`
 */
export function blazeFace(network: Network, manifest: DetectorManifest): ScanningNetwork {
  return {
    network,
    manifest,
    reach: { inputSize: manifest.input.width, smallestFace },
    closeUp,
    decode: (outputs, index, { width }) => {
      const row = (name: string): Float32Array => outputRow(manifest, outputs, name, index);
      const { scoreThreshold } = manifest;
      return [
        ...decodeBlazeFace(row("scores16"), row("boxes16"), { width, grid: blazeFaceGrids.fine, scoreThreshold }),
        ...decodeBlazeFace(row("scores32"), row("boxes32"), { width, grid: blazeFaceGrids.coarse, scoreThreshold }),
      ];
    },
  };
}
