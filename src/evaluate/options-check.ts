import { z } from "zod";
import { expectChoice, expectCount, expectOptions, expectThat, expectType, TensorFaceError } from "../core/index.ts";
import { ageGroupSets } from "./age-groups.ts";
import { evaluateOptionNames, type EvaluateOptions, type ModelPredictions } from "./evaluate-options.ts";
import { type FacePrediction, facePredictionSchema } from "./prediction.ts";
import { evaluatedModelSchema, evaluationDataSchema, splitRoles } from "./report.ts";

/** What callers without types may give. An age that is a number, or a face of which nobody said whether it was found, would count as a wrong answer. */

const { id, labels, found, attributes } = facePredictionSchema.shape;
/** What is told of a face besides answers: their numbers are checked where they are read. */
const describedFaceSchema = z.object({ id, labels, found, attributes, probabilities: z.looseObject({}) });

/** @throws {TF_INVALID_ARGUMENT} unless they are predictions, naming the face and the field */
export function checkPredictions(name: string, predictions: readonly FacePrediction[]): void {
  const areObjects = Array.isArray(predictions) && predictions.every((face) => typeof face === "object" && face !== null);
  expectThat(areObjects, `${name} must be a list of { id, labels, found, probabilities, attributes }`, predictions);
  for (const [index, face] of predictions.entries()) {
    const { error } = describedFaceSchema.safeParse(face);
    if (error !== undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `${name}: face ${index}: ${inOneLine(error)}`);
  }
}

/** @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkEvaluateOptions(options: EvaluateOptions): void {
  expectOptions(options, evaluateOptionNames);
  expectChoice("ageGroups", options.ageGroups, Object.keys(ageGroupSets));
  for (const name of ["fitTemperature", "fitScaling"] as const) expectType(name, options[name], "boolean");
  expectCount("mistakes", options.mistakes, { least: 0 });
  expectCount("replicates", options.replicates, { least: 0 });
  expectCount("seed", options.seed, { least: 0 });
  const { tasks = [] } = options;
  const areTasks = Array.isArray(tasks) && tasks.every((task: unknown) => typeof task === "object" && task !== null && "kind" in task);
  expectThat(areTasks, "tasks must be a list of { name, kind, labels }", tasks);
}

/** @throws {TF_INVALID_ARGUMENT} unless they are models with their predictions */
export function checkModels(models: readonly ModelPredictions[]): void {
  const areModels = Array.isArray(models) && models.every((each: Partial<ModelPredictions> | null) => each?.model?.id !== undefined);
  expectThat(areModels, "models must be a list of { model, role, predictions }", models);
  for (const { model, role } of models) {
    const { error } = evaluatedModelSchema.safeParse(model);
    if (error !== undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${model.id}" is not described: ${inOneLine(error)}`);
    expectChoice("role", role, splitRoles);
  }
}

/** @throws {TF_INVALID_ARGUMENT} unless it says of the data what a report says of them */
export function checkData(data: unknown): void {
  const { error } = evaluationDataSchema.omit({ n: true, ageGroups: true }).safeParse(data);
  if (error !== undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `data are not described: ${inOneLine(error)}`);
}

function inOneLine(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`)).join("; ");
}
