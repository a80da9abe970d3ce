import { glob, readFile } from "node:fs/promises";
import { findViolations } from "./layers.ts";

let files = 0;
let violations = 0;
for await (const path of glob("src/**/*.ts")) {
  files++;
  const text = await readFile(path, "utf8");
  for (const violation of findViolations({ path: path.replaceAll("\\", "/"), text })) {
    violations++;
    console.error(`${violation.path}:${violation.line}: ${violation.message}`);
  }
}
console.log(`layers: ${files} files, ${violations} forbidden imports`);
if (violations > 0) process.exitCode = 1;
