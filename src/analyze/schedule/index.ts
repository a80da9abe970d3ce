/** When and where the steps of pictures' ways run. */
export { createEngineLane } from "./engine-lane.ts";
