import type { AnalyzedFace, ErrorReport, BuiltInTask, LabelEstimate, LabelSetEstimate, TaskDefinition } from "tensorface/browser";
import { describeAttribute, hedge, isUnsureFace, unsureFaceWords } from "../../../src/analyze/index.ts";

export { answerInWords, inWords, isUnsureFace, noneOfTheseWords, percent, unsureFaceWords } from "../../../src/analyze/index.ts";

/** A share of faces without a per cent sign, which would read like how sure one answer is: 0.8 is `8 of 10`. */
export function outOf(share: number): string {
  const perCent = Math.round(share * 100);
  return perCent % 10 === 0 ? `${perCent / 10} of 10` : `${perCent} of 100`;
}

/** What a calibrated model keeps, beside its most probable label: `happy or surprise: one of them is right for 9 of 10 faces`. */
export function setInWords({ labels, level }: LabelSetEstimate<string>, count: number): string {
  if (labels.length === count) return "The picture does not tell: each of them may be right.";
  const which = labels.length === 1 ? "it" : "one of them";
  return `${labels.join(" or ")}: ${which} is right for ${outOf(level)} faces.`;
}

/** A bar a label: ordered groups in their own order, whose neighbours belong together, all others most probable first. */
export function barRows(
  probabilities: Readonly<Record<string, number>>,
  task?: Pick<TaskDefinition, "kind" | "labels">,
): (readonly [label: string, probability: number])[] {
  if (task?.kind === "ordered" && task.labels !== undefined) return task.labels.map((label) => [label, probabilities[label] ?? 0]);
  return Object.entries(probabilities).toSorted(([, a], [, b]) => b - a);
}

/** A face, or a person in a film, of which less is told. */
type ToldFace = Pick<AnalyzedFace, "attributes"> & {
  readonly age?: { readonly years: number };
  readonly gender?: ToldLabel;
  readonly mood?: ToldLabel;
};

type ToldLabel = Pick<LabelEstimate<string>, "label" | "confidence" | "probabilities">;

/** What is told of a face of the tasks that are wanted, a few words each: `about 41 years`, `female`, `perhaps happy`, `mood unclear`. */
export function listFacts(face: ToldFace, tasks: readonly BuiltInTask[]): string[] {
  const facts: Readonly<Record<BuiltInTask, string | undefined>> = {
    age: face.age === undefined ? undefined : `about ${Math.round(face.age.years)} years`,
    gender: face.gender && hedge("gender", face.gender),
    mood: face.mood && hedge("mood", face.mood),
  };
  const attributes = Object.entries(face.attributes ?? {}).map(([task, estimate]) => describeAttribute(task, estimate));
  return [...tasks.flatMap((task) => facts[task] ?? []), ...attributes];
}

/** One sentence for screen readers and titles: `Face 2: about 41 years, female, happy`. */
export function describeFace(face: AnalyzedFace, index: number, tasks: readonly BuiltInTask[]): string {
  const facts = [...listFacts(face, tasks), ...(isUnsureFace(face) ? [unsureFaceWords] : [])];
  return [`Face ${index + 1}`, facts.join(", ")].filter((part) => part !== "").join(": ");
}

/** What a model tells, in a few words: `glasses: dark, clear, none; rating`. */
export function tasksInWords(tasks: readonly TaskDefinition[]): string {
  return tasks.map(({ name, labels = [] }) => (labels.length === 0 ? name : `${name}: ${labels.join(", ")}`)).join("; ");
}

/** What visitors can do about a picture, where the catalogue's hint is for who installs packages and sets limits. */
const visitorHints: { readonly [Code in ErrorReport["code"]]?: string } = {
  TF_IMAGE_FORMAT_UNSUPPORTED: "Use JPEG, PNG, WebP, AVIF or GIF.",
  TF_IMAGE_TOO_LARGE: "Scale the picture down.",
};

/** A coded error as a sentence with what to do. A file's name keeps its own first letter. */
export function explain(error: ErrorReport): string {
  const isName = /^\S+\.\w+ /.test(error.message);
  const sentence = isName ? error.message : error.message.charAt(0).toUpperCase() + error.message.slice(1);
  return `${sentence}${/[.!?]$/.test(sentence) ? "" : "."} ${visitorHints[error.code] ?? error.hint}`;
}

/** Why the networks cannot run, for visitors: the catalogue's hints are for who installs the package. */
export function explainFailure(error: ErrorReport): string {
  if (error.code === "TF_MODEL_NOT_FOUND") return "The networks could not be fetched. Check the connection, and try again.";
  if (error.code === "TF_MODEL_CORRUPT")
    return "A network arrived damaged. Try again; if it stays so, the files on the server are damaged.";
  return explain({ ...error, hint: "Another browser, or a newer one, may be able to." });
}
