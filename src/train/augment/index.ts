/** How chance changes training pictures: what it may do, what it drew, and the picture that comes of it. */
export { type AugmentationOptions, augmentationSchema } from "./options.ts";
export { PictureMaker } from "./picture.ts";
export { drawPicturePlan } from "./plan.ts";
