import { z } from "zod";

/** What is looked at of a notebook's file, https://nbformat.readthedocs.io. */
const notebookSchema = z.looseObject({
  cells: z.array(
    z.looseObject({
      cell_type: z.string(),
      id: z.string().optional(),
      source: z.union([z.string(), z.array(z.string())]),
      metadata: z.looseObject({ tags: z.array(z.string()).optional() }).default({}),
      execution_count: z.number().nullable().optional(),
      outputs: z.array(z.looseObject({ output_type: z.string() })).optional(),
    }),
  ),
});

export type Notebook = z.infer<typeof notebookSchema>;

/** A cell that prepares something has this tag; every other cell of code must show something. */
const silentTag = "shows-nothing";

/** @throws {Error} when it is no notebook */
export function parseNotebook(text: string): Notebook {
  return notebookSchema.parse(JSON.parse(text));
}

/** What is wrong with a notebook that was run: cells that did not run, that ended in an error, or that show nothing and should. */
export function findProblems({ cells }: Notebook): string[] {
  return cells.flatMap((cell, index) => {
    if (cell.cell_type !== "code") return [];
    const name = `cell ${index + 1} (${firstLine(cell.source)})`;
    const { outputs = [], execution_count: count } = cell;
    if (count === undefined || count === null) return [`${name} did not run`];
    if (outputs.some(({ output_type: type }) => type === "error")) return [`${name} ended in an error`];
    const isSilent = cell.metadata.tags?.includes(silentTag) ?? false;
    return outputs.length === 0 && !isSilent ? [`${name} shows nothing`] : [];
  });
}

/** Whether it is kept as the repository keeps it: without what a run has left in it. */
export function isPlain({ cells }: Notebook): boolean {
  return cells.every((cell) => cell.cell_type !== "code" || (cell.execution_count === null && cell.outputs?.length === 0));
}

function firstLine(source: string | readonly string[]): string {
  const text = typeof source === "string" ? source : source.join("");
  return text.trim().split("\n")[0]!.slice(0, 60);
}
