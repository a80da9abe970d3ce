import { nounFor } from "../../core/index.ts";
import { escapeHtml, formatCount, renderPage } from "../../report/index.ts";
import { wordOf } from "../counts.ts";
import type { Dataset } from "../dataset.node.ts";
import type { DuplicatePair } from "../duplicates.ts";
import type { FaceLabels, FaceRecord } from "../record.ts";
import { facesStyle } from "./faces-style.ts";
import { thumbnailUrl } from "./pictures.node.ts";

/** Labels in few words: `20-29, female, happy, glasses none`. */
export function describeLabels({ age, gender, mood, attributes = {} }: FaceLabels): string {
  const years = age === undefined ? undefined : age.low === age.high ? String(age.low) : `${age.low}-${age.high}`;
  const own = Object.entries(attributes).map(([task, label]) => `${task} ${typeof label === "number" ? label : wordOf(label)}`);
  return [years, gender, mood, ...own].filter((text) => text !== undefined).join(", ");
}

async function renderPair(dataset: Dataset, byId: ReadonlyMap<string, FaceRecord>, pair: DuplicatePair): Promise<string> {
  const records = [byId.get(pair.first), byId.get(pair.second)].filter((record) => record !== undefined);
  const pictures = await Promise.all(records.map((record) => thumbnailUrl(dataset, record, 104)));
  const images = records.map((record, index) => `<img alt="${escapeHtml(record.id)}" src="${pictures[index] ?? ""}">`).join("");
  const lines = records.map(
    (record) => `${escapeHtml(record.id)}: ${escapeHtml(describeLabels(record.labels))} <span class="soft">(${record.split})</span>`,
  );
  const kind = pair.kind === "exact" ? "exact copy" : `detail correlation ${pair.similarity.toFixed(2)}`;
  return `<figure class="pair"><div>${images}</div><figcaption>${kind}<br>${lines.join("<br>")}</figcaption></figure>`;
}

/** Pairs side by side, for a page or a part of one. */
export async function renderPairs(dataset: Dataset, records: readonly FaceRecord[], pairs: readonly DuplicatePair[]): Promise<string> {
  const byId = new Map(records.map((record) => [record.id, record]));
  const cells: string[] = [];
  for (let start = 0; start < pairs.length; start += 16) {
    cells.push(...(await Promise.all(pairs.slice(start, start + 16).map((pair) => renderPair(dataset, byId, pair)))));
  }
  return `<div class="pairs">${cells.join("\n")}</div>`;
}

/** A page that shows the near duplicates, the least alike first since they are the ones to doubt, then exact copies. */
export async function renderDuplicatePage(
  dataset: Dataset,
  records: readonly FaceRecord[],
  pairs: readonly DuplicatePair[],
  { limit = 2000 }: { /** Pairs that are shown. @default 2000 */ readonly limit?: number } = {},
): Promise<string> {
  const near = pairs.filter(({ kind }) => kind === "near").reverse();
  const exact = pairs.filter(({ kind }) => kind === "exact");
  const shown = [...near, ...exact].slice(0, limit);
  const rest = pairs.length > shown.length ? ` The first ${formatCount(shown.length)} ${nounFor(shown.length, "is", "are")} shown.` : "";
  const body = `<h1>Duplicates</h1>
<p class="soft">${escapeHtml(dataset.info.title)}: ${formatCount(near.length)} near and ${formatCount(exact.length)} exact ${nounFor(exact.length, "pair")} among
${formatCount(records.length)} ${nounFor(records.length, "face")}. Near pairs come first, the least alike at the top.${rest}</p>
${await renderPairs(dataset, records, shown)}`;
  return renderPage("Duplicates", body, { style: facesStyle });
}
