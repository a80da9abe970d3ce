/**
 * The reports behind the model cards: an installed head beside the one that it began with, its variant without pictures for research alone and all heads of others
 * that tell the same, on the same faces of the validation parts. Test sets are not touched.
 *
 *     npm run write -- reports                          the default heads, and then the cards
 *     npm run write -- reports mood                  one head
 *     npm run write -- reports ID --data fairface --suffix=-fairface-alone      one dataset, under another name
 *     npm run write -- reports --dry                 only says what it would do
 */
import { join } from "node:path";
import { builtInTasks } from "../src/core/index.ts";
import { defaultHead, findModel, type HeadManifest } from "../src/models/index.ts";
import { measuredModelFolders, openModelFolders } from "../src/models/models.node.ts";
import { recipes } from "./recipes.ts";
import { runScript, runTensorFace } from "./steps.ts";
import { anyText, endWithUsage, flag, readWords } from "./words.ts";

interface ValidationPart {
  /** The name of its import, which is its format for published layouts. */
  readonly format: string;
  readonly split: string;
  readonly tasks: HeadManifest["outputs"][number]["task"][];
  /** Crops, and where the pictures are wide enough photographs too. */
  readonly paths: readonly ("crop" | "photo")[];
}

const validationParts: readonly ValidationPart[] = [
  { format: "fairface", split: "validation", tasks: ["age", "gender"], paths: ["crop", "photo"] },
  { format: "utkface", split: "validation", tasks: ["age", "gender"], paths: ["crop", "photo"] },
  { format: "appareal", split: "validation", tasks: ["age"], paths: ["crop", "photo"] },
  { format: "allagefaces", split: "validation", tasks: ["age", "gender"], paths: ["crop", "photo"] },
  { format: "fer2013", split: "PublicTest", tasks: ["mood"], paths: ["crop"] },
  { format: "rafdb", split: "validation", tasks: ["mood"], paths: ["crop", "photo"] },
  { format: "expw", split: "validation", tasks: ["mood"], paths: ["photo"] },
];

const { values, operands, usage } = readWords(
  "npm run write -- reports",
  { data: anyText(), suffix: anyText(""), dry: flag },
  { more: "ID" },
);

const manifests = await openModelFolders(measuredModelFolders()).manifests();
const heads = manifests.filter((manifest) => manifest.kind === "head");
const own = operands.length === 0 ? defaultHeads() : operands.map((id) => namedHead(id));
const reports = own.flatMap((head) => validationParts.filter((part) => isWanted(part, head)).flatMap((part) => reportsOf(head, part)));
const taken = reports.filter(({ out }, index) => reports.findIndex((other) => other.out === out) < index);
if (reports.length === 0)
  endWithUsage(`no validation part of ${values.data} has labels of what ${own.map(({ id }) => id).join(", ")} tells`, usage);
if (taken.length > 0) endWithUsage(`two heads would write ${taken[0]!.out}: name one, and the other with another --suffix`, usage);
for (const { words } of reports) runTensorFace(words, { isDry: values.dry });
runScript(["scripts/write-model-cards.ts"], { isDry: values.dry });

function defaultHeads(): readonly HeadManifest[] {
  return [...new Set(builtInTasks.map((task) => defaultHead(manifests, task)))];
}

function namedHead(id: string): HeadManifest {
  const found = findModel(manifests, id);
  if (found.kind !== "head") throw new Error(`"${id}" is no head`);
  return found;
}

function isWanted(part: ValidationPart, head: HeadManifest): boolean {
  const isAsked = values.data === undefined || values.data.split(",").includes(part.format);
  return isAsked && tellsOne(head, part.tasks);
}

function tellsOne({ outputs }: HeadManifest, wanted: readonly string[]): boolean {
  return outputs.some(({ task }) => wanted.includes(task));
}

/** What its training began with, where the repository still has it, and the model without pictures for research alone, where that is installed: `make-model --open`. */
function relatives({ provenance: { training } }: HeadManifest): string[] {
  const name = String(training?.["recipe"]);
  const { begin, open } = (Object.hasOwn(recipes, name) ? recipes[name] : undefined) ?? {};
  const openId = open === undefined ? undefined : recipes[open]!.id;
  return [...(begin === undefined ? [] : [begin.manifest]), ...heads.filter(({ id }) => id === openId).map(({ id }) => id)];
}

interface ReportStep {
  readonly out: string;
  /** Of the command that writes it. */
  readonly words: readonly string[];
}

function reportsOf(head: HeadManifest, { format, split, tasks: wanted, paths }: ValidationPart): ReportStep[] {
  const others = heads.filter((other) => other.provenance.training === undefined && tellsOne(other, wanted));
  const ids = [...new Set([head.id, ...relatives(head), ...others.map(({ id }) => id)])];
  const models = ids.flatMap((name) => ["--model", name]);
  return paths.map((path) => {
    const out = join("docs", "lab", "reports", `${format}-${split.toLowerCase()}${values.suffix}${path === "photo" ? "-photo" : ""}.json`);
    const data = ["--data", join(".data", "imported", format), "--split", split, "--path", path];
    return { out, words: ["evaluate", ...data, ...models, "--out", out] };
  });
}
