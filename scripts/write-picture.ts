import { writeFile } from "node:fs/promises";
import { portraitOfReadme, readmePicture } from "./readme-picture.ts";

/** Writes the picture that README.md shows: the portrait as `analyze --annotate` draws on it. */
await writeFile(readmePicture, await portraitOfReadme());
console.log(`${readmePicture}: written`);
