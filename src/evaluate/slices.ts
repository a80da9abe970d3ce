import { ageGroupSets, type AgeGroupSet } from "./age-groups.ts";
import { type BootstrapOptions, quantile, type SamplePart } from "./bootstrap.ts";
import { estimateParts } from "./estimate.ts";
import { type MetricId, metricsOf } from "./metrics/registry.ts";
import type { FaceAttributes, FacePrediction } from "./prediction.ts";
import type { Slice, SliceKey } from "./report.ts";
import { ageLabelIndex, pickRows, type TaskSample } from "./sample.ts";

/** What is told of every slice: few numbers, since each has few faces. */
const sliceMetrics: readonly MetricId[] = ["accuracy", "oneOffAccuracy", "meanAbsoluteError", "meanError", "expectedCalibrationError"];

/** Names of the slices of one key in the order in which they are shown, and the slice of a face. */
interface Slicing {
  readonly by: SliceKey;
  readonly values: readonly string[];
  readonly valueOf: (face: FacePrediction) => string | undefined;
}

/** Upper ends of the ranges of face sizes, in pixels: halves and doubles around the crops that networks take. */
const faceSizeEdges = [32, 64, 128, 256];

function slicings(faces: readonly FacePrediction[], ageGroups: AgeGroupSet): Slicing[] {
  const groups = ageGroupSets[ageGroups];
  const ageGroupOf = ({ labels: { age } }: FacePrediction) => {
    const index = age === undefined ? undefined : ageLabelIndex(age, groups);
    return index === undefined ? undefined : groups[index]!.name;
  };
  return [
    { by: "ageGroup", values: groups.map(({ name }) => name), valueOf: ageGroupOf },
    { by: "gender", values: ["female", "male"], valueOf: ({ labels }) => labels.gender },
    {
      by: "race",
      values: [...new Set(faces.flatMap(({ labels }) => labels.race ?? []))].toSorted(),
      valueOf: ({ labels }) => labels.race,
    },
    rangeSlicing("faceSize", faceSizeEdges, ({ faceSize }) => faceSize),
    rangeSlicing("sharpness", quartiles(faces, "sharpness"), ({ sharpness }) => sharpness),
    rangeSlicing("brightness", quartiles(faces, "brightness"), ({ brightness }) => brightness),
  ];
}

/** The three values that cut the faces into four equal parts, to three significant digits so that they can be read. */
function quartiles(faces: readonly FacePrediction[], name: keyof FaceAttributes): number[] {
  const sorted = Float64Array.from(faces.flatMap(({ attributes }) => attributes[name] ?? [])).sort();
  if (sorted.length === 0) return [];
  return [...new Set([0.25, 0.5, 0.75].map((part) => Number(quantile(sorted, part).toPrecision(3))))];
}

function rangeSlicing(by: SliceKey, edges: readonly number[], read: (attributes: FaceAttributes) => number | undefined): Slicing {
  const values = [...edges.map((edge, index) => (index === 0 ? `< ${edge}` : `${edges[index - 1]!}–${edge}`)), `≥ ${edges.at(-1) ?? 0}`];
  return {
    by,
    values,
    valueOf: ({ attributes }) => {
      const value = read(attributes);
      if (value === undefined) return undefined;
      const index = edges.findIndex((edge) => value < edge);
      return values[index < 0 ? edges.length : index];
    },
  };
}

/** Accuracy by age group, gender, race label, face size, sharpness and brightness; keys with one value only are left out. */
export function sliceSample(sample: TaskSample, ageGroups: AgeGroupSet, options: BootstrapOptions): Slice[] {
  const parts = slicings(sample.faces, ageGroups).flatMap((slicing) => partsOf(sample, slicing));
  const estimates = estimateParts(sample, parts, options);
  return parts.map(({ sample: part, by, value }, index) => {
    const notFound = part.predicted.filter((label) => label < 0).length;
    const { metrics, intervals } = estimates[index]!;
    return { by, value, n: part.count, notFound, metrics, intervals };
  });
}

interface SlicePart extends SamplePart {
  readonly by: SliceKey;
  readonly value: string;
}

function partsOf(sample: TaskSample, { by, values, valueOf }: Slicing): SlicePart[] {
  const rows = Map.groupBy(sample.faces.keys(), (row) => valueOf(sample.faces[row]!));
  const metrics = metricsOf(sample).filter(({ id }) => sliceMetrics.includes(id));
  const parts = values.flatMap((value) => {
    const found = rows.get(value);
    return found === undefined ? [] : [{ by, value, rows: found, sample: pickRows(sample, found), metrics }];
  });
  return parts.length < 2 ? [] : parts;
}
