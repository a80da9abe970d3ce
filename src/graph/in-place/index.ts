/** What the engine needs to be told to add in place. */
export { declareSums } from "./declare-sums.ts";
