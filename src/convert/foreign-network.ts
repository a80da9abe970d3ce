import type { ConvertedFile, Graph } from "../graph/index.ts";
import type { NetworkInput } from "../models/index.ts";

/** How a whole picture comes into a network's square: pressed into it, or its middle of the same proportions. */
export type PictureFit = "stretch" | "middle";

/** What a network's own files say of its input; what they leave out has to be asked for. */
export interface ForeignInput {
  /** In pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly colour?: NetworkInput["colour"] | undefined;
  /** Of each channel, or of all of them in one number; in units of 0..255. */
  readonly mean?: readonly number[] | undefined;
  readonly standardDeviation?: readonly number[] | undefined;
  readonly fit?: PictureFit | undefined;
}

/** An ONNX file before and after its conversion, and the pictures that both take where that is not what the model takes, in pixels. */
export interface ComparedFile extends ConvertedFile {
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** A network that was made elsewhere: its graph, and as much as its files tell of it. */
export interface ForeignNetwork {
  /** What it is, for people: "Teachable Machine export", "Keras file". */
  readonly format: string;
  /** A name for it, from its files. */
  readonly name: string;
  /** One input, pictures `[N, channels, height, width]`. */
  readonly graph: Graph;
  /** The graph's output of class scores, `[N, labels]`. */
  readonly output: string;
  /** The value that its last layers read: what it sees, before it decides. Undefined where nothing of the kind stands in the graph. */
  readonly features: string | undefined;
  readonly input: ForeignInput;
  /** The words of the columns, in order. */
  readonly labels: readonly string[] | undefined;
  /** What makes probabilities of the output; `none` where the graph already does. */
  readonly activation: "none" | "softmax" | "sigmoid";
  /** Who made it, and under which licence, where the files say so. */
  readonly licence: string | undefined;
  /** Of an ONNX file of another opset: as it came, and as it was converted. The engine must give the same answers for both. */
  readonly conversion?: ComparedFile | undefined;
}
