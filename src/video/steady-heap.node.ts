import { setFlagsFromString } from "node:v8";

/**
 * Keeps the part of the heap that holds new objects at the size that it has: for the whole process, so a command's to say. A film makes new
 * objects for hours and keeps hardly any; V8 takes that for a reason to double the part again and again, up to 64 MB, and the film's
 * frames that wait in it for their end make it twice as much.
 */
export function keepHeapSteady(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
