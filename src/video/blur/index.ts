/** Faces hidden: where, and how. Nothing of films stands here, so that whoever hides faces in a picture needs no package for films. */
export { blurFaces, type BlurFacesOptions } from "./blur-faces.ts";
export { type BlurEffect, blurEffects } from "./paint.ts";
export { blurDefaults, type PlanOptions } from "./plan.ts";
