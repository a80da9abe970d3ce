/** Pictures looked at once for all that is asked of them. */
export { chooseDescribers, type ChosenDescribers, type JudgedRecords } from "./describers.ts";
export { type DescribedRecords, lookOnce, type LookOptions } from "./look-once.ts";
export { type Lookers, openLookers } from "./lookers.ts";
export { describeRecords, type DescribeOptions } from "./describe-records.ts";
export { describeMissed, type MissedPictures, missedPictures } from "./missed-pictures.ts";
export { observeFaces } from "./observe-faces.ts";
