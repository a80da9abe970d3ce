import { counted, labelIndex, nounFor, type TaskDefinition } from "../core/index.ts";
import type { LabelledPicture } from "../datasets/labelled-faces.node.ts";
import { formatLevel } from "../report/index.ts";
import type { System } from "./systems.ts";

/** What a report says beside its numbers of the models that were evaluated, and of labels that they do not tell. */

/** Labels that no model tells: their faces are neither right nor wrong. */
export function unjudgedNotes(faces: readonly LabelledPicture[], tasks: readonly TaskDefinition[]): string[] {
  return tasks.flatMap(({ name, labels: told = [] }) => {
    const given = faces.flatMap(({ labels: { attributes } }) => attributes?.[name] ?? []).filter((label) => typeof label === "string");
    const others = told.length === 0 ? [] : given.filter((label) => labelIndex(told, label) < 0);
    const words = [...new Set(others)].toSorted().join(", ");
    return others.length === 0
      ? []
      : [`${counted(others.length, "face is", "faces are")} not judged for ${name}: the models do not tell ${words}`];
  });
}

/** Of the built-in tasks all words are known, also those that a head does not tell: of faces with these it is wrong whatever it says. */
export function untoldNotes(faces: readonly LabelledPicture[], systems: readonly System[], isFitted: boolean): string[] {
  const outputs = systems.flatMap(({ heads }) =>
    heads.flatMap(({ manifest, tasks }) =>
      manifest.outputs.map((output) => ({ id: manifest.id, isAsked: tasks.includes(output.task), ...output })),
    ),
  );
  return outputs.flatMap(({ id, isAsked, task, labels }) => {
    if (!isAsked || (task !== "gender" && task !== "mood")) return [];
    const others = faces.flatMap((face) => face.labels[task] ?? []).filter((label) => !labels.includes(label));
    const words = [...new Set(others)].toSorted().join(", ");
    if (others.length === 0) return [];
    const unfitted = isFitted ? ", and nothing is fitted on them" : "";
    return [
      `${id} tells no ${task} but ${labels.join(", ")}: ${counted(others.length, "face")} with another (${words}) ${nounFor(others.length, "counts", "count")} as wrong${unfitted}`,
    ];
  });
}

export function averagingNotes(systems: readonly System[], asked: boolean | undefined): string[] {
  if (asked === true) return ["averaged over each crop and its mirror image"];
  const ids = systems.flatMap(({ heads }) => heads.flatMap(({ manifest: { id, flipAveraging } }) => (flipAveraging === true ? [id] : [])));
  return asked === undefined
    ? [...new Set(ids)].map((id) => `${id} averaged over each crop and its mirror image, as its manifest says`)
    : [];
}

/** What ranges and sets are to hold where a calibration fitted them, and on which faces: those are no test of it. */
export function conformalNotes(systems: readonly System[]): string[] {
  return systems.flatMap(({ heads }) =>
    heads.flatMap(({ manifest: { id, outputs } }) =>
      outputs.flatMap(({ task, conformal }) => {
        if (conformal === undefined) return [];
        const what = conformal.kind === "age" || conformal.kind === "number" ? "intervals" : "sets";
        return [`${id} was calibrated for ${task} on ${conformal.source}: its ${what} are to hold ${formatLevel(conformal.level)}`];
      }),
    ),
  );
}

/** Heads whose fitted scaling cannot take the place of what their manifests hold: the two do not multiply. */
export function scalingNotes(systems: readonly System[]): string[] {
  const calibrated = systems.flatMap(({ heads }) =>
    heads.flatMap(({ manifest, tasks }) =>
      manifest.outputs
        .filter(({ task, scaling, temperature }) => task !== "age" && tasks.includes(task) && (scaling !== undefined || temperature !== 1))
        .map(({ task }) => `${task} of ${manifest.id}`),
    ),
  );
  if (calibrated.length === 0) return [];
  return [
    `scaling fitted on answers that are calibrated already (${calibrated.join(", ")}): not for export, which needs one of the head without`,
  ];
}
