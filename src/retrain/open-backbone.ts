import { TensorFaceError } from "../core/index.ts";
import type { ModelStore } from "../models/index.ts";
import { frozenNetwork } from "../train/network/index.ts";
import type { Backbone } from "./backbone.ts";
import { joinBackbones } from "./join.ts";

/**
 * What is best on average at faces, the own networks side by side, which were made for them; and at whole pictures: a network for faces
 * forgets shapes in its last layers, so that it is read in its middle (`docs/lab/retrain.md`). Where one alone has to do, it is this.
 */
export const usualBackbones = { face: "age-gender-10+mood-9", whole: "faceres:conv_pw_9_relu/clip_by_value" } as const;

/** Between networks that are joined, and between a network and the value of its graph that is read. */
const [plus, colon] = ["+", ":"];

/**
 * Opens a network and cuts its heads off; of several with `+` between, what each sees stands side by side. `NAME:VALUE` cuts it off
 * earlier: at a value of its graph, whose maps are averaged.
 * @param open opens one of them
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_CORRUPT} when one is not there, or damaged
 * @throws {TF_INVALID_ARGUMENT} when one is no head, or they cannot be joined
 * @throws {TF_GRAPH_INVALID} when there is nothing that its answers are read off
 */
export async function openBackbone(name: string, open: (part: string) => Promise<Backbone>): Promise<Backbone> {
  const [first, ...others] = await Promise.all(name.split(plus).map((part) => open(part.trim())));
  return others.reduce(joinBackbones, first!);
}

/** An installed network, or one of the user's, as a backbone: `NAME` or `NAME:VALUE`. @throws see {@link openBackbone} */
export async function openInstalled(store: ModelStore, name: string): Promise<Backbone> {
  const { model, value } = splitName(name);
  const opened = await store.open(model);
  const { manifest } = opened;
  if (manifest.kind !== "head") {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${model}" is a ${manifest.kind}; a backbone is made of a head`, {
      hint: "`tensorface models list` shows the heads that are installed.",
    });
  }
  const { graph, size } = frozenNetwork(await opened.read(), value);
  const id = value === undefined ? manifest.id : `${manifest.id}${colon}${value}`;
  return { id, input: manifest.input, template: manifest.template, parts: [manifest], graph, columns: size };
}

/** Paths may hold colons (`C:\\model.json`): behind a value's colon there is no such path. */
function splitName(name: string): { readonly model: string; readonly value?: string } {
  const [, model, value] = /^([^:/\\.]+):(.+)$/.exec(name) ?? [];
  return model === undefined || value === undefined || model.length === 1 ? { model: name } : { model, value };
}
