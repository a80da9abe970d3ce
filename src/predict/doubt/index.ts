/** Labels by how doubtful they are. */
export { judgeLabels, labelledRecords, scoreDataset } from "./score.ts";
