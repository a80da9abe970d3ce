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
import { ageGenderStudy } from "./ablations/age-gender.ts";
import { AblationDriver } from "./ablations/driver.ts";
import { moodStudy } from "./ablations/mood.ts";
import { oneTrunkStudy } from "./ablations/one-trunk.ts";
import { anyText, endWithUsage, readWords, wholeNumber } from "../scripts/words.ts";

const studies = [moodStudy, ageGenderStudy, oneTrunkStudy];
const { values, operands, usage } = readWords(
  "npm run bench -- ablations",
  { rows: anyText(), threads: wholeNumber() },
  { more: studies.map(({ id }) => id).join("|") },
);
const unknownStudies = operands.filter((id) => !studies.some((study) => study.id === id));
if (unknownStudies.length > 0) endWithUsage(`no study is called ${unknownStudies.join(", ")}`, usage);

for (const study of studies.filter(({ id }) => operands.length === 0 || operands.includes(id))) {
  await new AblationDriver(study, values.threads).run(values.rows?.split(",").filter((id) => id !== ""));
}
