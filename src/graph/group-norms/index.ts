/** Group norms whose numbers are right, in a file that goes to the engine. */
export { withRightGroupNorms } from "./right-group-norms.ts";
