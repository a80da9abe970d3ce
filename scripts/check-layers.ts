import { glob, readFile } from "node:fs/promises";
import { findCircles, findViolations, type SourceFile } from "./layers.ts";

const files: SourceFile[] = [];
for await (const path of glob(["src/**/*.ts", "{scripts,bench,recipes,examples}/**/*.ts", "web/{src,review}/**/*.{ts,tsx}", "web/*.ts"])) {
  files.push({ path: path.replaceAll("\\", "/"), text: await readFile(path, "utf8") });
}
const violations = files.flatMap((file) => findViolations(file));
for (const { path, line, message } of violations) console.error(`${path}:${line}: ${message}`);
const circles = findCircles(files);
for (const circle of circles) console.error(`files import each other: ${circle.join(" -> ")}`);
console.log(`layers: ${files.length} files, ${violations.length} forbidden imports, ${circles.length} circles`);
if (violations.length + circles.length > 0) process.exitCode = 1;
