/** Films: their frames, the faces in them followed through time, and what is written of them. `*.node.ts` open and write files. */
export { defaultEvery } from "./analyze-film.ts";
export { type BlurEffect, blurEffects } from "./blur/paint.ts";
export { blurDefaults } from "./blur/plan.ts";
export { isFilmName } from "./film-names.ts";
export { boxAt } from "./tracks/boxes.ts";
