import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Float32Tensor } from "../../src/core/index.ts";

/** Debian's Python, for which `python3-opencv` and `python3-onnx` are installed; another one before it on the path has neither. */
const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("opencv.py", import.meta.url));

/** Whether OpenCV's DNN and ONNX's checker are there. */
export const hasOpenCv = spawnSync(python, ["-c", "import cv2, onnx, numpy"]).status === 0;

export interface OpenCvRequest {
  readonly bytes: Uint8Array;
  readonly input: Float32Tensor;
  readonly outputs: readonly string[];
}

const answersSchema = z.array(z.record(z.string(), z.array(z.number())));

/** What OpenCV answers, by output, after ONNX's checker has found nothing wrong with the files. @throws what either says of a file */
export function runInOpenCv(requests: readonly OpenCvRequest[]): Record<string, number[]>[] {
  const folder = mkdtempSync(join(tmpdir(), "opencv-"));
  try {
    const given = requests.map(({ bytes, input, outputs }, index) => {
      const path = join(folder, `${index}.onnx`);
      writeFileSync(path, bytes);
      return { path, shape: input.shape, data: Array.from(input.data), outputs };
    });
    const { status, stdout, stderr } = spawnSync(python, [script], { input: JSON.stringify(given), maxBuffer: 2 ** 28, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return answersSchema.parse(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
