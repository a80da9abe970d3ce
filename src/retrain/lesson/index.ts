/** Teaching picture by picture, without files: what a page needs for a model of its visitor's own. It runs wherever JavaScript does. */
export type { Backbone } from "../backbone.ts";
export { cropLength, cutSmall, toSource, writeCrop } from "../crop.ts";
export type { TestMeasures } from "../measure.ts";
export { idOf, taskNameOf } from "../names.ts";
export { openBackbone, openInstalled, usualBackbones } from "../open-backbone.ts";
export type { ToldExample } from "../results.ts";
export { createSeer, type Seer } from "../see.ts";
export { type Likeness, likenessOf } from "./sets.ts";
export { type SeenExample, teachModel } from "./teach-model.ts";
