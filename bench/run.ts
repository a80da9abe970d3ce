import { benchmarks, runNamed } from "../scripts/named.ts";

/** `npm run bench -- NAME`: without a name, pictures and a folder beside other packages. */
process.exitCode = runNamed(benchmarks, process.argv.slice(2), "analyze");
