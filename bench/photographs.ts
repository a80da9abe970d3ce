/**
 * The whole path, detector and heads, on wide pictures with one face each, balanced over nine age groups and two genders, beside human
 * and face-api on the same pictures: `npm run bench -- photographs`. A face that is not found counts as wrong.
 *
 *     npm run bench -- photographs                                        with the default heads; with --write into docs/lab/photographs.md
 *     npm run bench -- photographs --models age-gender,mood
 *     npm run bench -- photographs --per-cell 2                        a look
 *
 * The pictures are made from validation faces of the imported FairFace and UTKFace, and stay in `.cache`. What a version of an engine,
 * or a build of this package, said of a picture is kept there too and not asked again, so a stopped run goes on. `--mistakes FOLDER` draws TensorFace's mistakes.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fairFaceAgeGroups } from "../src/core/index.ts";
import { type EngineName, engineNames, loadEngine } from "./engines/engine.ts";
import { today } from "./machine.ts";
import { openAnswers, packageBuild } from "./photographs/answers.ts";
import { writeMontage } from "./photographs/montage.ts";
import { makePhotographs } from "./photographs/pictures.ts";
import { type EngineVerdicts, judge, renderVerdicts } from "./photographs/score.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { anyText, flag, readWords, someOf, wholeNumber } from "../scripts/words.ts";

const { values } = readWords("npm run bench -- photographs", {
  models: anyText(),
  "per-cell": wholeNumber(20),
  seed: wholeNumber(1),
  engines: someOf(engineNames),
  mistakes: anyText(),
  write: flag,
});
const cache = join(".cache", "photographs", `seed-${values.seed}`);
/** Part of a picture's side from hairline to chin, as docs/lab/photographs.md says. */
const sources = [
  { path: ".data/imported/fairface", split: "validation", facePart: 0.62 },
  { path: ".data/imported/utkface", split: "validation", facePart: 0.75 },
];

const photographs = await makePhotographs({
  sources,
  perCell: values["per-cell"],
  seed: values.seed,
  folder: join(cache, "pictures"),
});
const engines: EngineVerdicts[] = [];
for (const name of values.engines) engines.push(await runEngine(name));

const text = [
  `Measured on ${today()}, Node ${process.versions.node}; ${photographs.length} faces, ${values["per-cell"]} of each age group and gender.`,
  "",
  renderVerdicts(engines),
].join("\n");
console.log(text);
if (values.write) {
  const page = "docs/lab/photographs.md";
  await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), text, "photographs"));
}
if (values.mistakes !== undefined) await drawMistakes(values.mistakes, engines[0]!);
// TensorFlow.js keeps its workers.
process.exit(0);

async function runEngine(name: EngineName): Promise<EngineVerdicts> {
  const options = { ageGroups: fairFaceAgeGroups, ...(values.models === undefined ? {} : { models: values.models.split(",") }) };
  const engine = await loadEngine(name, options);
  const { version, setup } = engine;
  const build = name === "tensorface" ? [await packageBuild("dist/index.js", "models/index.json")] : [];
  const answers = await openAnswers(cache, [name, version, ...build, setup]);
  const verdicts = [];
  for (const photograph of photographs)
    verdicts.push(judge(photograph, await answers.of(photograph, async (path) => (await engine.analyze(path)).faces)));
  return { name: engine.name, version, setup, verdicts };
}

/** The faces that were missed, then the wrong groups from the farthest on. */
async function drawMistakes(folder: string, { verdicts }: EngineVerdicts): Promise<void> {
  await mkdir(folder, { recursive: true });
  const missed = verdicts.filter(({ found }) => found === undefined);
  await writeMontage(join(folder, "not-found.png"), missed.slice(0, 64));
  const offBy = ({ ageGroup, photograph }: (typeof verdicts)[number]): number =>
    Math.abs((ageGroup ?? photograph.ageGroup) - photograph.ageGroup);
  const wrongAge = verdicts.filter((verdict) => offBy(verdict) > 0).toSorted((a, b) => offBy(b) - offBy(a));
  await writeMontage(join(folder, "age-group.png"), wrongAge.slice(0, 64));
  const wrongGender = verdicts.filter(({ found, isGenderRight }) => found !== undefined && !isGenderRight);
  await writeMontage(join(folder, "gender.png"), wrongGender.slice(0, 64));
  await writeMontage(join(folder, "sample.png"), verdicts.filter((_, index) => index % 6 === 0).slice(0, 64));
}
