import { TensorFaceError } from "../core/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { columnsOf } from "./head.ts";

/** What a loaded network says of one of its inputs or outputs: sizes, or names of sizes that are free. */
interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/**
 * Compares a network with its manifest before it answers anything.
 * @throws {TF_MODEL_INVALID} naming the input or output that is missing, of another type or of another size
 */
export function checkNetwork(
  manifest: Pick<HeadManifest, "id" | "input" | "outputs" | "novelty">,
  network: { readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] },
): void {
  const { id, input, outputs, novelty } = manifest;
  const refuse = (message: string): never => {
    throw new TensorFaceError("TF_MODEL_INVALID", `model "${id}" is not what its manifest says: ${message}`);
  };
  const find = (list: readonly TensorInfo[], role: string, name: string): TensorInfo =>
    list.find((info) => info.name === name) ??
    refuse(`its network has no ${role} "${name}", only ${list.map((info) => `"${info.name}"`).join(", ")}`);

  const crop = find(network.inputs, "input", input.name);
  const other = network.inputs.find(({ name }) => name !== input.name);
  if (other !== undefined) refuse(`its network also wants the input "${other.name}"`);
  const wanted = [input.colour === "grey" ? 1 : 3, input.height, input.width];
  const [batch, ...sizes] = crop.shape;
  const fits = sizes.length === wanted.length && sizes.every((size, axis) => typeof size === "string" || size === wanted[axis]);
  if (crop.type !== "float32" || !fits) refuse(`input "${input.name}" is ${describe(crop)}, not float32 [N,${wanted.join(",")}]`);
  if (typeof batch === "number") refuse(`input "${input.name}" takes ${batch} at a time, and has to take any number`);

  const told = [
    ...outputs.map((output) => ({ name: output.output, columns: columnsOf(output) })),
    ...outputs.flatMap(({ intervalTails }) => (intervalTails === undefined ? [] : [{ name: intervalTails.output, columns: [2] }])),
    ...(novelty === undefined ? [] : [{ name: novelty.output, columns: [1] }]),
  ];
  for (const { name, columns } of told) {
    const info = find(network.outputs, "output", name);
    const rest = info.shape.slice(1);
    const count = rest.reduce<number>((product, size) => (typeof size === "string" ? Number.NaN : product * size), 1);
    if (info.type !== "float32" || (!Number.isNaN(count) && !columns.includes(count)))
      refuse(`output "${name}" is ${describe(info)}, not float32 [N,${columns[0]}]`);
  }
}

function describe({ type, shape }: TensorInfo): string {
  return `${type} [${shape.join(",")}]`;
}
