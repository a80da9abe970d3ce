/**
 * What each ingredient of the mood recipe and of the age and gender recipe is worth: each recipe in small as it is, and once without
 * each ingredient; and one network for all tasks beside two. On faces that choose nothing.
 *
 *     npm run bench -- ablations                          every row that is not measured yet; then the tables in docs/lab/experiments.md
 *     npm run bench -- ablations mood                  one of them: mood, age-gender or one-trunk
 *     npm run bench -- ablations mood --rows whole,votes    some rows
 *     npm run bench -- ablations --threads 1           beside other work
 *     npm run bench -- ablations --rows ""             only the tables, of the rows that are there
 *
 * A row is a training of 2 to 5 minutes on two cores; it stays in `.runs/ablations` and is not repeated unless its recipe changes. A
 * stopped training goes on. Rows are compared on the same faces, with paired bootstrap intervals.
 */
import { parseArgs } from "node:util";
import { ageGenderStudy } from "./ablations/age-gender.ts";
import { AblationDriver } from "./ablations/driver.ts";
import { moodStudy } from "./ablations/mood.ts";
import { oneTrunkStudy } from "./ablations/one-trunk.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: "string" }, threads: { type: "string" } },
});
const studies = [moodStudy, ageGenderStudy, oneTrunkStudy];
const unknownStudies = positionals.filter((id) => !studies.some((study) => study.id === id));
if (unknownStudies.length > 0)
  throw new Error(`no study is called ${unknownStudies.join(", ")}; there are ${studies.map(({ id }) => id).join(", ")}`);

for (const study of studies.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
  await new AblationDriver(study, values.threads).run(values.rows?.split(",").filter((id) => id !== ""));
}
