import { counted, intervalLevel } from "../core/index.ts";
import { withPicturesCounted } from "./known-pictures.ts";
import { type HeadOutput, type ModelManifest, outputKind } from "./manifest.ts";

/** Everything that a manifest says, for people. */
export function describeModel(manifest: ModelManifest): string {
  const { input, provenance } = withPicturesCounted(manifest);
  const facts: [string, string | undefined][] = [
    ["For", purposeOf(manifest)],
    ["File", `${manifest.file}, ${fileSizeOf(manifest)}`],
    ["SHA-256", manifest.sha256],
    [
      "Input",
      `${input.width} x ${input.height} ${input.colour}, mean ${input.mean.join(", ")}, deviation ${input.standardDeviation.join(", ")}`,
    ],
    ["Labels", labels(manifest)],
    ["Template", manifest.kind === "head" ? manifest.template?.source : undefined],
    ["Interval", interval(manifest)],
    ["Promise", calibration(manifest)],
    ["Sees", manifest.kind === "head" && manifest.sees === "picture" ? "the whole picture; no face is looked for" : undefined],
    ["Novelty", tellsNovelty(manifest) ? "says when a face is unlike all of its examples" : undefined],
    ["Averaging", manifest.kind === "head" && manifest.flipAveraging === true ? "over the face and its mirror image" : undefined],
    ["Threshold", manifest.kind === "detector" ? String(manifest.scoreThreshold) : undefined],
    ["Source", provenance.source],
    ["Licence", provenance.licence],
    ["Address", provenance.url],
    [
      "Training",
      provenance.training === undefined ? undefined : JSON.stringify(provenance.training, undefined, 2).replaceAll("\n", "\n            "),
    ],
  ];
  const lines = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
  return `${manifest.id}: ${manifest.title}\n\n${lines.join("\n")}\n`;
}

/** What a network is for: the tasks that a head tells, else its kind. */
export function purposeOf(manifest: ModelManifest): string {
  return manifest.kind === "head" ? manifest.outputs.map(({ task }) => task).join(", ") : manifest.kind;
}

function labels(manifest: ModelManifest): string | undefined {
  if (manifest.kind !== "head") return undefined;
  return manifest.outputs.map(describeOutput).join("; ");
}

function describeOutput(output: HeadOutput): string {
  const { task, labels, minimum, maximum, unit = "" } = output;
  const kind = outputKind(output);
  if (kind === "age") return `age: ${labels[0]} to ${labels.at(-1)} years in ${labels.length}`;
  if (kind === "number") {
    const bounds = minimum === undefined || maximum === undefined ? "" : ` from ${minimum} to ${maximum}`;
    return `${task}: a number${bounds} ${unit}`.trimEnd();
  }
  const how = kind === "tags" ? "any of " : kind === "ordered" ? "in order " : "";
  return `${task}: ${how}${labels.join(", ")}`;
}

/** Tags and numbers are told however unlike its examples a face is. */
function tellsNovelty(manifest: ModelManifest): boolean {
  if (manifest.kind !== "head" || manifest.novelty === undefined) return false;
  return manifest.outputs.some((output) => ["classes", "ordered"].includes(outputKind(output)));
}

/** What the age range takes of a distribution, where that was fitted. */
function interval(manifest: ModelManifest): string | undefined {
  const age = manifest.kind === "head" ? manifest.outputs.find(({ task }) => task === "age") : undefined;
  if (age === undefined || age.conformal !== undefined) return undefined;
  const promise = `hold ${Math.round(intervalLevel * 100)} % of true ages`;
  if (age.intervalTails !== undefined) return `as wide as the network tells of each face, fitted to ${promise} on ${age.intervalTails.source}`;
  if (age.intervalMass === undefined) return undefined;
  const share = `${(age.intervalMass * 100).toFixed(1)} %`;
  return `the middle ${share} of an age's distribution, fitted to ${promise}`;
}

/** What ranges and sets promise, of a model that was calibrated on labelled faces. */
function calibration(manifest: ModelManifest): string | undefined {
  const outputs = manifest.kind === "head" ? manifest.outputs : [];
  const told = outputs.flatMap(({ task, conformal }) => {
    if (conformal === undefined) return [];
    const { kind, level, source, groups } = conformal;
    const faces = groups.reduce((sum, group) => sum + group.faces, 0);
    const what = kind === "age" || kind === "number" ? "ranges" : "sets";
    return [`${task}: ${what} that hold ${Number((level * 100).toFixed(1))} % of the true answers, from ${counted(faces, "face")} (${source})`];
  });
  return told.length === 0 ? undefined : told.join("; ");
}

/** `4.5 MB`, and `21 kB` of what would be none. */
export function fileSizeOf({ bytes }: Pick<ModelManifest, "bytes">): string {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
