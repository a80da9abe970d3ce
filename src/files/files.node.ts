/** The door of the room: reading, writing, and what the disk's errors mean. Locks have a door of their own. */
export { errnoOf, readFailure, writeFailure } from "./failures.node.ts";
export { pathInside } from "./inside.node.ts";
export { type MadeFolder, makeFolder } from "./make-folder.node.ts";
export {
  hashFile,
  type OpenFile,
  openPipe,
  openRegularFile,
  pathKind,
  readLines,
  readNumberedLines,
  readRegularFile,
  readTextFile,
  sortedNames,
} from "./read.node.ts";
export {
  type AtomicWriter,
  commitPart,
  createAtomicWriter,
  cutTornLine,
  nameBeside,
  openPart,
  type PartFile,
  type PartOptions,
  partialPath,
  removeKilledPartsIn,
  requireTarget,
  writeFileAtomically,
  writeInLockedFolder,
  writeWhole,
} from "./write.node.ts";
export { writeNewFolder } from "./write-folder.node.ts";
