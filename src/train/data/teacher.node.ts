import { createHash } from "node:crypto";
import { z } from "zod";
import { ageCount, genders, isBuiltInTask, moods, type BuiltInTask, TensorFaceError } from "../../core/index.ts";
import { readRegularFile } from "../../files/files.node.ts";
import type { TrainingConfig } from "../config.ts";
import type { TeacherAnswers } from "../definition.ts";
import type { Sample } from "./samples.node.ts";

/**
 * Teachers: what other models said of the training faces, read from the files in which `tensorface evaluate --predictions` keeps
 * it. So a teacher sees a face as serving would show it, is run once, and a stopped run goes on.
 */
export interface Teachers {
  readonly answers: TeacherAnswers;
  /** SHA-256 of each file: another teacher is other data. */
  readonly hashes: readonly string[];
}

const headerSchema = z.object({ schema: z.literal("tensorface.predictions/1") });
const probabilities = (count: number) => z.array(z.number().min(0).max(1)).length(count);
const rowSchema = z.object({
  id: z.string(),
  /** Of the picture; files of before have none. */
  sha256: z.string().optional(),
  answers: z.record(
    z.string(),
    z
      .object({
        age: probabilities(ageCount),
        gender: probabilities(genders.length),
        mood: probabilities(moods.length),
      } satisfies Record<BuiltInTask, unknown>)
      .partial(),
  ),
});

/** Of a file of predictions, bytes: what one text can hold. */
const largestPredictions = 1 << 29;

/**
 * Reads the teachers of a configuration.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when a file cannot be read
 * @throws {TF_CONFIG_INVALID} when a file holds no predictions, or none of the model for the training faces, and when ids do not
 * tell which of two faces is meant
 */
export async function readTeachers({ losses }: TrainingConfig, samples: readonly Sample[]): Promise<Teachers> {
  const answers = new Map<number, readonly (readonly number[] | undefined)[]>();
  const hashes: string[] = [];
  for (const [index, loss] of losses.entries()) {
    if (loss.kind !== "distillation") continue;
    const { predictions, model } = loss.teacher;
    const byId = new Map<string, Answer>();
    for (const path of predictions) {
      const bytes = await readRegularFile(path, { maxBytes: largestPredictions });
      hashes.push(createHash("sha256").update(bytes).update(model).digest("hex"));
      const inFile = parseAnswers(bytes.toString("utf8"), path, model, loss.head);
      if (!samples.some(({ role, record }) => role === "train" && inFile.has(record.id)))
        throw invalid(path, `it says nothing of the training faces' ${loss.head} by "${model}"`);
      for (const [id, said] of inFile) {
        const other = byId.get(id);
        if (other !== undefined && JSON.stringify(other.values) !== JSON.stringify(said.values))
          throw ambiguous(path, `it says something else of the face "${id}" than "${other.path}"`);
        byId.set(id, { ...said, path });
      }
    }
    checkIds(samples, byId);
    answers.set(
      index,
      samples.map(({ record }) => byId.get(record.id)?.values),
    );
  }
  return { answers, hashes };
}

/** What a teacher said of a face. */
interface Said {
  readonly values: readonly number[];
  /** Of the picture that it saw, where the file tells. */
  readonly sha256: string | undefined;
}

/** ... and the file in which it stands. */
interface Answer extends Said {
  readonly path: string;
}

/**
 * Faces are found by their ids, which may be those of other pictures: of another dataset with the same names, or of pictures that were
 * replaced since.
 * @throws {TF_CONFIG_INVALID}
 */
function checkIds(samples: readonly Sample[], byId: ReadonlyMap<string, Answer>): void {
  const pictureOf = new Map<string, string>();
  for (const { record, role } of samples) {
    const answer = byId.get(record.id);
    if (role !== "train" || answer === undefined) continue;
    if ((answer.sha256 ?? record.sha256) !== record.sha256)
      throw invalid(
        answer.path,
        `it is about another picture of the name "${record.id}" than the dataset has; run its \`tensorface evaluate\` again on this dataset`,
      );
    if ((pictureOf.get(record.id) ?? record.sha256) !== record.sha256)
      throw ambiguous(answer.path, `two of the training's datasets have a face "${record.id}"`);
    pictureOf.set(record.id, record.sha256);
  }
}

/** One hash of the data and the teachers; the data's own where there are none. */
export function joinHashes(data: string, teachers: readonly string[]): string {
  if (teachers.length === 0) return data;
  return createHash("sha256")
    .update([data, ...teachers].join(" "))
    .digest("hex");
}

/** What one model said of one task, by the face's id. */
function parseAnswers(text: string, path: string, model: string, task: string): Map<string, Said> {
  // What has no line break at its end was not wholly written.
  const [header = "", ...lines] = text.split("\n").slice(0, -1);
  const parse = <Value>(schema: z.ZodType<Value>, line: string, number: number): Value => {
    try {
      return schema.parse(JSON.parse(line));
    } catch (cause) {
      throw invalid(path, `line ${number} is no prediction`, cause);
    }
  };
  parse(headerSchema, header, 1);
  return new Map(
    lines.flatMap((line, index) => {
      const { id, sha256, answers } = parse(rowSchema, line, index + 2);
      const values = isBuiltInTask(task) ? answers[model]?.[task] : undefined;
      return values === undefined ? [] : [[id, { values, sha256 }] as const];
    }),
  );
}

function invalid(path: string, what: string, cause?: unknown): TensorFaceError {
  return new TensorFaceError("TF_CONFIG_INVALID", `the teacher's file "${path}" cannot be used: ${what}`, { cause });
}

function ambiguous(path: string, what: string): TensorFaceError {
  return new TensorFaceError("TF_CONFIG_INVALID", `the teacher's file "${path}" cannot be used: ${what}`, {
    hint: "Import one of the datasets with other file names, so that each face has its own id, and run the teacher on it again.",
  });
}
