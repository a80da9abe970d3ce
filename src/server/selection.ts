import {
  type AnalysisOutcome,
  type AnalyzedFace,
  type Attributes,
  type FaceAnalysis,
  type FaceAnalyzer,
  highestScore,
} from "../analyze/index.ts";
import { TensorFaceError } from "../core/index.ts";
import type { Selection } from "./schemas.ts";

/** A selection whose names are known: what is told, by task. */
export interface SettledSelection extends Omit<Selection, "tasks" | "heads" | "models"> {
  /** @default all */
  readonly tasks: ReadonlySet<string> | undefined;
}

/**
 * Turns the names of a request into tasks.
 * @throws {TF_REQUEST_INVALID} when the server has no such model, or none that tells such a task, `tasks` and its older name `heads` differ,
 * or no face has so high a score with the server's detector
 */
export function settleSelection(
  { tasks: asked, heads, models, ...rest }: Selection,
  { tasks, manifests }: Pick<FaceAnalyzer<unknown>, "tasks" | "manifests">,
): SettledSelection {
  if (asked !== undefined && heads !== undefined && asked.toSorted().join() !== heads.toSorted().join())
    throw new TensorFaceError("TF_REQUEST_INVALID", "tasks and its older name heads ask for different things: give one of them");
  const wanted = asked ?? heads;
  expectKnown(
    "task",
    wanted,
    tasks.map(({ name }) => name),
  );
  expectKnown(
    "model",
    models,
    manifests.map(({ id }) => id),
  );
  expectScore(rest.minScore, manifests);
  if (wanted === undefined && models === undefined) return { ...rest, tasks: undefined };
  const told = tasks.filter(({ name, model }) => (wanted?.includes(name) ?? true) && (models?.includes(model) ?? true));
  return { ...rest, tasks: new Set(told.map(({ name }) => name)) };
}

function expectKnown(what: string, asked: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = asked?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TensorFaceError("TF_REQUEST_INVALID", `this server has no ${what} "${unknown}"; it has ${known.join(", ") || "none"}`);
}

/** Which scores there are depends on the server's detector, which the schema does not know. */
function expectScore(minScore: number | undefined, manifests: FaceAnalyzer<unknown>["manifests"]): void {
  const detector = manifests.find(({ kind }) => kind === "detector");
  const highest = highestScore(detector?.kind === "detector" ? detector.decoder : undefined);
  if (minScore === undefined || highest === undefined || minScore <= highest) return;
  throw new TensorFaceError("TF_REQUEST_INVALID", `minScore must be a number from 0 to ${highest}, got ${minScore}`);
}

/** The part of an outcome that a client asked for; a failure stays as it is. */
export function selectFromOutcome(outcome: AnalysisOutcome, selection: SettledSelection): AnalysisOutcome {
  return "error" in outcome ? outcome : selectFrom(outcome, selection);
}

/** The part of an analysis that a client asked for; faces keep their order, largest first, and are measured as the detector does. */
export function selectFrom(
  outcome: FaceAnalysis,
  { minFace = 0, minScore = 0, maxFaces = Infinity, tasks }: SettledSelection,
): FaceAnalysis {
  const isWanted = ({ box, score }: AnalyzedFace): boolean => Math.max(box.width, box.height) >= minFace && score >= minScore;
  const faces = outcome.faces.filter(isWanted).slice(0, maxFaces);
  if (tasks === undefined) return { ...outcome, faces };
  const { attributes, ...rest } = outcome;
  return { ...rest, faces: faces.map((face) => selectTasks(face, tasks)), ...selectAttributes(attributes, tasks) };
}

function selectTasks(face: AnalyzedFace, tasks: ReadonlySet<string>): AnalyzedFace {
  const { age, gender, mood, attributes, ...rest } = face;
  return {
    ...rest,
    ...(tasks.has("age") && age !== undefined ? { age } : {}),
    ...(tasks.has("gender") && gender !== undefined ? { gender } : {}),
    ...(tasks.has("mood") && mood !== undefined ? { mood } : {}),
    ...selectAttributes(attributes, tasks),
  };
}

function selectAttributes(attributes: Attributes | undefined, tasks: ReadonlySet<string>): { readonly attributes?: Attributes } {
  const wanted = Object.entries(attributes ?? {}).filter(([task]) => tasks.has(task));
  return wanted.length === 0 ? {} : { attributes: Object.fromEntries(wanted) };
}
