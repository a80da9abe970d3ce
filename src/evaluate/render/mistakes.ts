import { nounFor } from "../../core/index.ts";
import { type Block, formatCount, formatShare, numberTable, paragraph, type PictureItem, type Table } from "../../report/index.ts";
import { type Mistake, mistakesByCell } from "../mistakes.ts";
import type { TaskReport } from "../report.ts";
import { type Judged, judgedFaces } from "./judged.ts";

/** What a page with pictures must tell whoever holds it. */
export function picturesNote(count: number, data: string, { many: of }: Judged): string {
  return `This page has ${formatCount(count)} small ${nounFor(count, "picture")}${of === "faces" ? " of faces" : ""} from ${data} inside it. Whoever is given the page is given them: pass it on only to those who may see the data.`;
}

/** The wrong answers of a task, the surest first: all kinds together, then by kind; of a number the largest errors. */
export function describeMistakes(
  task: string,
  report: TaskReport,
  {
    pictures = new Map(),
    judged = judgedFaces,
  }: { readonly pictures?: ReadonlyMap<string, string> | undefined; readonly judged?: Judged } = {},
): Block[] {
  const { mistakes = [], mistakesAsked = usuallyAsked, confusionMatrix, kind } = report;
  if (mistakes.length === 0) return [];
  const itemOf = ({ id, annotated, predicted, confidence }: Mistake): PictureItem => ({
    url: pictures.get(id),
    alternative: `${id}: annotated ${annotated}, named ${predicted}`,
    caption: [`${annotated} \u2192 ${predicted}`, confidence === undefined ? [] : formatShare(confidence, 0)].flat().join(" "),
    name: id,
  });
  const worst = mistakes.slice(0, mistakesAsked);
  const title = kind === "number" ? `Largest errors, ${task}` : `Surest mistakes, ${task}`;
  const block: Block = { kind: "pictures", title, items: worst.map(itemOf), table: mistakesTable(title, worst, judged) };
  if (kind === "number")
    return [block, paragraph("What is annotated stands first, what was told second. A wrong label looks like an error too.")];
  const cells = mistakesByCell(mistakes, report.labels ?? report.groups ?? [], confusionMatrix);
  return [
    block,
    paragraph("What is annotated stands first, what was named and how surely second. A wrong label looks like a mistake too."),
    ...cells.map(({ annotated, predicted, n, mistakes: members }): Block => {
      const title = `${annotated} named ${predicted}: ${formatCount(n)} ${nounFor(n, judged.one, judged.many)}, the surest ${members.length}`;
      return { kind: "pictures", title, items: members.map(itemOf), table: mistakesTable(title, members, judged), folded: true };
    }),
  ];
}

/** Of reports that do not say how many of all kinds together were asked for. */
const usuallyAsked = 24;

function mistakesTable(title: string, mistakes: readonly Mistake[], { one }: Judged): Table {
  const rows = mistakes.map(({ id, annotated, predicted, confidence }) => [
    id,
    annotated,
    predicted,
    ...(confidence === undefined ? [] : [formatShare(confidence)]),
  ]);
  const columns = [one, "annotated", "named", ...(rows.some((row) => row.length > 3) ? ["confidence"] : [])];
  return numberTable(title, columns, rows, { textColumns: [0, 1, 2] });
}
