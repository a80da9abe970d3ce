import { describe, expect, expectTypeOf, test } from "vitest";
import * as inBrowser from "../src/_entries/browser.ts";
import * as ofDatasets from "../src/_entries/datasets.ts";
import * as ofEvaluation from "../src/_entries/evaluate.ts";
import * as inNotebooks from "../src/_entries/notebook.ts";
import * as inNode from "../src/_entries/node.ts";
import * as ofServer from "../src/_entries/server.ts";
import * as ofTraining from "../src/_entries/train.ts";
import * as ofFilms from "../src/_entries/video.ts";
import type {
  AnnotateOptions,
  CropOptions,
  DecodedPicture,
  DecodeOptions,
  EncodeOptions,
  TensorFaceErrorOptions,
} from "../src/_entries/node.ts";

/** What users may rely on. A name that goes is a breaking change, and one that comes is a promise: both are made on purpose. */
describe("the public names", () => {
  const names = [
    "TensorFaceError",
    "adienceAgeGroups",
    "annotateFaces",
    "blurFaces",
    "builtInTasks",
    "createAnalyzer",
    "cropFaces",
    "decode",
    "encode",
    "fairFaceAgeGroups",
    "genders",
    "intersectionOverUnion",
    "isTensorFaceError",
    "moods",
  ];

  test.each([
    ["tensorface", inNode, names],
    ["tensorface/browser", inBrowser, [...names, "fetchModels"].toSorted()],
    [
      "tensorface/datasets",
      ofDatasets,
      ["datasetFormats", "exportDataset", "exportFormats", "importDataset", "isDataset", "openDataset", "rejectionReasons", "splits"],
    ],
    [
      "tensorface/evaluate",
      ofEvaluation,
      ["evaluateModels", "evaluateTasks", "evaluationReportSchema", "renderHtml", "renderMarkdown", "renderTerminal"],
    ],
    [
      "tensorface/notebook",
      inNotebooks,
      ["chart", "exampleData", "faceGrid", "picture", "pictures", "show", "showLive", "showProgress", "table"],
    ],
    ["tensorface/video", ofFilms, ["analyzeVideo", "annotateVideo", "blurFile"]],
    ["tensorface/server", ofServer, ["createServerParts", "tensorface"]],
    [
      "tensorface/train",
      ofTraining,
      [
        "activation",
        "averagePool",
        "batchNorm",
        "conv",
        "convBlock",
        "defineTraining",
        "dense",
        "dropout",
        "faceTrunk",
        "flatten",
        "globalPool",
        "maxPool",
        "mobileNetwork",
        "parseTrainingConfig",
        "residual",
        "residualNetwork",
        "retrain",
        "retrainClassic",
        "squeezeExcite",
        "trainNetwork",
      ],
    ],
  ])("%s", (_, entry, expected) => {
    expect(Object.keys(entry).toSorted()).toEqual(expected);
  });

  test("what the functions take and give can be named in a program", () => {
    expectTypeOf<Parameters<typeof inNode.decode>[1]>().toEqualTypeOf<DecodeOptions | undefined>();
    expectTypeOf<ReturnType<typeof inNode.decode>>().resolves.toEqualTypeOf<DecodedPicture>();
    expectTypeOf<Parameters<typeof inNode.encode>[1]>().toEqualTypeOf<EncodeOptions | undefined>();
    expectTypeOf<Parameters<typeof inNode.annotateFaces>[2]>().toEqualTypeOf<AnnotateOptions | undefined>();
    expectTypeOf<Parameters<typeof inNode.cropFaces>[2]>().toEqualTypeOf<CropOptions | undefined>();
    expectTypeOf<ConstructorParameters<typeof inNode.TensorFaceError>[2]>().toEqualTypeOf<TensorFaceErrorOptions | undefined>();
  });
});
