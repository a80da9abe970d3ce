import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClassicOptions } from "./options.ts";

/** What the script takes where nothing is said. */
export function classicDefaults({ generation = "2017" }: Pick<ClassicOptions, "generation">) {
  const temporary = (name: string): string => join(tmpdir(), name);
  return {
    outputGraph: temporary("output_graph.onnx"),
    outputLabels: temporary("output_labels.txt"),
    intermediateOutputGraphsDir: temporary("intermediate_graph"),
    intermediateStoreFrequency: 0,
    summariesDir: temporary("retrain_logs"),
    howManyTrainingSteps: 4000,
    learningRate: 0.01,
    testingPercentage: 10,
    validationPercentage: 10,
    evalStepInterval: 10,
    trainBatchSize: 100,
    testBatchSize: generation === "2016" ? 500 : -1,
    validationBatchSize: 100,
    printMisclassifiedTestImages: false,
    modelDir: temporary("imagenet"),
    bottleneckDir: temporary("bottleneck"),
    finalTensorName: "final_result",
    flipLeftRight: false,
    randomCrop: 0,
    randomScale: 0,
    randomBrightness: 0,
    architecture: "inception_v3",
    generation,
    allFormats: false,
    crop: "auto",
    seed: 1,
  } as const;
}

type Defaults = ReturnType<typeof classicDefaults>;

/** Options with what the script takes where nothing is said. */
export type ClassicSettings = { readonly [Key in keyof Defaults]-?: NonNullable<ClassicOptions[Key]> } & Omit<
  ClassicOptions,
  keyof Defaults
>;

export function classicSettings(options: ClassicOptions): ClassicSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...classicDefaults(options), ...given };
}
