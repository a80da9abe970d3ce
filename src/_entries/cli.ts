#!/usr/bin/env node
/** The command `tensorface`. */
import module from "node:module";

// What was compiled once is kept for the next start, where Node keeps such things (`NODE_COMPILE_CACHE`). A Node that is too old has not learnt it.
module.enableCompileCache?.();
await import("../cli/main.ts");
