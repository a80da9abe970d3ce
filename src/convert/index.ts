/** Networks that were made elsewhere, as graphs of ours. */
export type { ForeignInput, ForeignNetwork, PictureFit } from "./foreign-network.ts";
export { isNsfwjsName, type NsfwjsName, readNsfwjs } from "./nsfwjs.ts";
