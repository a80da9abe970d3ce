/** Films: their frames, the faces in them followed through time, and what is written of them. `*.node.ts` open and write files. */
export { blurEffects } from "./blur/paint.ts";
export { blurDefaults } from "./blur/plan.ts";
export { isFilmName } from "./film-names.ts";
