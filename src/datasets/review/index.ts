/** The label review: decisions, and what its page and the server say to each other. */
export { describeApplied, describeUnapplied } from "./describe-applied.ts";
export { type Decision, mergeDecisions, relabel } from "./decisions.ts";
export { createReviewSession, type ReviewSession } from "./session.ts";
export type {
  DecisionRequest,
  FaceDecision,
  LearntClass,
  LearntClasses,
  MixedClasses,
  QueueRequest,
  RelatedFace,
  ReviewClass,
  ReviewEntry,
  ReviewPage,
  ReviewState,
} from "./protocol.ts";
