import type { AnalyzedFace, FaceAnalysis, FailedAnalysis } from "../../src/analyze/analysis.ts";
import { TensorFaceError } from "../../src/core/index.ts";

/** A face with made-up numbers, for tests of what is printed. */
export function sampleFace(change: Partial<AnalyzedFace> = {}): AnalyzedFace {
  return {
    box: { x: 178.25, y: 74.5, width: 101.4, height: 134.2 },
    score: 0.9912,
    landmarks: {
      leftEye: { x: 201, y: 118 },
      rightEye: { x: 247, y: 117 },
      nose: { x: 223, y: 146 },
      leftMouth: { x: 205, y: 170 },
      rightMouth: { x: 243, y: 169 },
    },
    age: {
      years: 41.23,
      interval: { low: 34, high: 49, level: 0.8 },
      group: "38-43",
      probabilities: { "0-2": 0, "4-6": 0, "8-12": 0.001, "15-20": 0.004, "25-32": 0.22, "38-43": 0.73, "48-53": 0.04, "60+": 0.005 },
    },
    gender: { label: "female", confidence: 0.984, probabilities: { female: 0.984, male: 0.016 } },
    mood: {
      label: "happy",
      confidence: 0.953,
      probabilities: { angry: 0.001, disgust: 0, fear: 0.006, happy: 0.953, sad: 0.001, surprise: 0.019, neutral: 0.02 },
    },
    ...change,
  };
}

export function sampleAnalysis(source: string, faces: readonly AnalyzedFace[] = [sampleFace()]): FaceAnalysis {
  return {
    schema: "tensorface.analysis/1",
    source,
    width: 512,
    height: 512,
    faces,
    timings: { decodeMs: 4.2, detectMs: 9.1, classifyMs: 20.4 },
  };
}

export function sampleFailure(source: string): FailedAnalysis {
  return { schema: "tensorface.analysis/1", source, error: new TensorFaceError("TF_IMAGE_CORRUPT", `${source} ends early`).toJSON() };
}
