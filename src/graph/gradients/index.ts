/** Graphs that compute gradients of graphs. */
export { blockConvolutions, blockedDomain } from "./blocked-convolutions.ts";
export { differentiate } from "./differentiate.ts";
export { spellOutNorms } from "./spelled-norms.ts";
