/** Graphs of trained networks, as files that other engines read. */
export { exportPlain } from "./plain.ts";
