import { labelIndex, type TaskDefinition } from "../core/index.ts";
import { tagTaskName } from "./own-sample.ts";
import type { FacePrediction } from "./prediction.ts";
import type { ScalingFit, TemperatureFit } from "./report.ts";
import { fitScaling } from "./scaling-fit.ts";
import { fitPredictions, fitTemperature, logitsOf, type TargetRange, targetRange } from "./temperature.ts";

/** A tag as a task of two classes, there or not, and what is told of it. */
interface TagView {
  readonly task: TaskDefinition;
  readonly faces: readonly FacePrediction[];
}

function viewTag(predictions: readonly FacePrediction[], { name }: TaskDefinition, label: string, column: number): TagView {
  const task: TaskDefinition = { name: tagTaskName(name, label), kind: "classes", labels: [`no ${label}`, label] };
  const faces = predictions.flatMap((face) => {
    const tags = face.labels.attributes?.[name];
    const told = face.probabilities[name]?.[column];
    if (!Array.isArray(tags) || told === undefined) return [];
    const truth = task.labels![Number(labelIndex(tags, label) >= 0)]!;
    return [{ ...face, labels: { attributes: { [task.name]: truth } }, probabilities: { [task.name]: [1 - told, told] } }];
  });
  return { task, faces };
}

export interface TagFits {
  readonly temperatureFit?: TemperatureFit;
  readonly scalingFit?: ScalingFit;
}

/**
 * What would calibrate the tags of a task, by tag as reports name it. The temperature is one for all of them, as a manifest keeps it, and
 * what it changes is told by tag; the scaling has a factor and an offset for the logit of each.
 */
export function fitTags(
  predictions: readonly FacePrediction[],
  task: TaskDefinition,
  wanted: { readonly temperature: boolean; readonly scaling: boolean },
): (readonly [name: string, fits: TagFits])[] {
  const views = (task.labels ?? []).map((label, column) => viewTag(predictions, task, label, column));
  const temperature = wanted.temperature ? commonTemperature(views) : undefined;
  return views.map((view): readonly [string, TagFits] => {
    const temperatureFit = temperature === undefined ? undefined : fitPredictions(view.faces, view.task, [], temperature);
    const scalingFit = wanted.scaling ? scalingOf(view) : undefined;
    return [
      view.task.name,
      { ...(temperatureFit === undefined ? {} : { temperatureFit }), ...(scalingFit === undefined ? {} : { scalingFit }) },
    ];
  });
}

function commonTemperature(views: readonly TagView[]): number | undefined {
  const logits: ArrayLike<number>[] = [];
  const targets: TargetRange[] = [];
  for (const { task, faces } of views) {
    for (const face of faces.filter(({ found }) => found)) {
      logits.push(logitsOf(face.probabilities[task.name]!));
      targets.push(targetRange(face, task)!);
    }
  }
  return logits.length === 0 ? undefined : fitTemperature(logits, targets);
}

/** As a head applies it: to the one logit of a tag, not to the logarithms of two probabilities. */
function scalingOf({ task, faces }: TagView): ScalingFit | undefined {
  const fit = fitScaling(faces, task, { read: logOdds });
  return fit && { ...fit, scale: [fit.scale[1]!], bias: [fit.bias[1]! - fit.bias[0]!] };
}

function logOdds(probabilities: ArrayLike<number>): Float64Array {
  const [absent, present] = logitsOf(probabilities);
  return Float64Array.of(0, present! - absent!);
}
