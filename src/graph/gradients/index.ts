/** Graphs that compute gradients of graphs. */
export { blockedDomain } from "./blocked.ts";
export { blockConvolutions } from "./blocked-convolutions.ts";
export { differentiate } from "./differentiate.ts";
export { spellOutNorms } from "./spelled-norms.ts";
