import { runNamed, writers } from "./named.ts";

/** `npm run write -- NAME`: what stands in the repository and is made from the code or from measurements. */
process.exitCode = runNamed(writers, process.argv.slice(2));
