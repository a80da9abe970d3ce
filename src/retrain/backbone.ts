import type { Graph } from "../graph/index.ts";
import type { CropTemplate, HeadManifest, NetworkInput } from "../models/index.ts";

/** What sees a picture before a head decides: a network cut off where its own heads begin, or several side by side. */
export interface Backbone {
  /** `age-gender-10`, or `age-gender-10+mood-9`. */
  readonly id: string;
  readonly input: NetworkInput;
  /** Where it wants a face. */
  readonly template: CropTemplate | undefined;
  /** The networks that it is made of. */
  readonly parts: readonly BackbonePart[];
  /** One input, one output `[N, columns]`. */
  readonly graph: Graph;
  readonly columns: number;
  /** Tells it from others of its id whose weights were learnt on. */
  readonly revision?: string | undefined;
}

/** What is said of a network that a backbone is made of. */
export type BackbonePart = Pick<HeadManifest, "id" | "sha256" | "provenance">;
