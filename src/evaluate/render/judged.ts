import type { EvaluatedModel } from "../report.ts";

/** What a head answers of: faces that were found, or whole pictures, in which none is looked for. */
export interface Judged {
  readonly one: string;
  readonly many: string;
  /** Those that probabilities were told of. */
  readonly answered: string;
}

export const judgedFaces: Judged = { one: "face", many: "faces", answered: "found faces" };
const judgedPictures: Judged = { one: "picture", many: "pictures", answered: "pictures" };

/** @param task of a report; of tags one each, as `wears: hat` */
export function judgedIn({ heads }: EvaluatedModel, task: string): Judged {
  const head = heads.find(({ tasks }) => tasks.some((told) => told === task || task.startsWith(`${told}: `)));
  return head?.sees === "picture" ? judgedPictures : judgedFaces;
}

/** What a whole report is of. */
export function judgedByAll(models: readonly EvaluatedModel[]): Judged {
  const heads = models.flatMap((model) => model.heads);
  return heads.length > 0 && heads.every(({ sees }) => sees === "picture") ? judgedPictures : judgedFaces;
}
