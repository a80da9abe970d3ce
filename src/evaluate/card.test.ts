import { describe, expect, test } from "vitest";
import { moods } from "../core/index.ts";
import { type CardModel, renderModelCard } from "./card.ts";
import { evaluateModels } from "./evaluate.ts";
import type { FacePrediction } from "./prediction.ts";
import { drawPredictions } from "./testing.ts";

const model: CardModel = {
  id: "mood-v1",
  title: "Mood, small",
  file: "mood-v1.onnx",
  bytes: 2_500_000,
  sha256: "a".repeat(64),
  input: { width: 64, height: 64, colour: "grey" },
  template: { source: "medians of FER2013" },
  outputs: [{ task: "mood", labels: ["happy", "sad"], temperature: 1.25 }],
  provenance: { source: "Trained by this project", licence: "MIT", training: { recipe: "recipes/mood.ts", command: "npm run train" } },
};

function report(sha256: string, predictions: readonly FacePrediction[]) {
  const head = { id: model.id, title: model.title, tasks: ["mood" as const], sha256, bytes: 1, licence: "MIT" };
  return evaluateModels(
    [{ model: { id: model.id, heads: [head] }, role: "selection", predictions }],
    { name: "drawn", format: "csv", split: "validation", path: "crop", rejected: {}, notes: [] },
    { created: "2026-11-24", version: "0" },
    { replicates: 30 },
  );
}

/** Moods alone, and every fearful face taken for a happy one. */
const faces = drawPredictions({ count: 600, skill: 3 }).map((face): FacePrediction => ({
  id: face.id,
  labels: face.labels,
  found: true,
  attributes: {},
  probabilities: { mood: face.labels.mood === "fear" ? [0, 0, 0.1, 0.9, 0, 0, 0] : face.probabilities.mood! },
}));

describe("a model card", () => {
  const card = renderModelCard(model, [report(model.sha256, faces)]);

  test("has every section", () => {
    const titles = [...card.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      "What it is for",
      "What it is not for",
      "Data and licences",
      "Accuracy",
      "Accuracy by group",
      "Calibration",
      "Known failures",
      "How to retrain",
    ]);
  });

  test("says what the numbers are about, and that the split chose the model", () => {
    expect(card).toContain("drawn, validation, crops (chosen on it)");
    expect(card).toContain("600");
  });

  test("of a model without mistakes tells none", () => {
    const sure = faces.map((face): FacePrediction =>
      Object.assign({}, face, { probabilities: { mood: moods.map((mood) => Number(mood === face.labels.mood)) } }),
    );
    expect(renderModelCard(model, [report(model.sha256, sure)])).not.toContain("Commonest mistakes");
  });

  test("finds the failure that was planted", () => {
    expect(card).toMatch(/Commonest mistakes: fear called happy \(100\.0 % of \d+\)/);
  });

  test("warns of the law where it tells moods, and only there", () => {
    expect(card).toContain("2024/1689");
    const gender = { ...model, outputs: [{ task: "gender" as const, labels: ["female", "male"], temperature: 1 }] };
    expect(renderModelCard(gender, [])).not.toContain("2024/1689");
  });

  test("takes no numbers of another file", () => {
    expect(renderModelCard(model, [report("b".repeat(64), faces)])).toContain("Not measured yet");
  });

  test("tells all that the manifest does to the answers", () => {
    expect(card).toContain("Temperatures in the manifest: mood 1.250 (1: as trained).\n");
    const scaling = { scale: [1.2, 1.3], bias: [0, 0.1] };
    const calibrated = renderModelCard(
      {
        ...model,
        flipAveraging: true,
        outputs: [
          { task: "mood", labels: ["happy", "sad"], temperature: 1, scaling },
          { task: "age", labels: ["0", "1"], temperature: 1, intervalMass: 0.775 },
        ],
      },
      [],
    );
    expect(calibrated).toContain("a factor and an offset for each class of mood.");
    expect(calibrated).toContain("The 80 % age interval takes 77.5 % of each distribution.");
    expect(calibrated).toContain("means over the face and its mirror image.");
    const told = { task: "age", labels: ["0", "1"], temperature: 1, intervalTails: { source: "940 crops" } };
    expect(renderModelCard({ ...model, outputs: [told] }, [])).toContain("told by the network for each face, fitted on 940 crops");
  });

  test("says what trains it again", () => {
    expect(card).toContain("Command: npm run train.");
    const { command: _, ...training } = model.provenance.training!;
    const plain = { ...model, provenance: { ...model.provenance, training } };
    expect(renderModelCard(plain, [])).not.toContain("Command:");
    expect(renderModelCard(plain, [], { command: "npm run make-model -- mood" })).toContain("Command: npm run make-model -- mood.");
  });

  test("keeps what a person wrote", () => {
    expect(renderModelCard(model, [], { notes: "Hands before faces read as *surprise*." })).toContain(
      "Hands before faces read as *surprise*.",
    );
  });

  test("stands beside the others that were run on the same faces", () => {
    const entry = (id: string, sha256: string, predictions: readonly FacePrediction[]) => ({
      model: { id, heads: [{ id, title: id, tasks: ["mood" as const], sha256, bytes: 1, licence: "MIT" }] },
      role: "unknown" as const,
      predictions,
    });
    const blind = faces.map((face): FacePrediction => ({ ...face, probabilities: { mood: [0, 0, 0, 0, 0, 0, 1] } }));
    const both = evaluateModels(
      [entry(model.id, model.sha256, faces), entry("blind", "c".repeat(64), blind)],
      { name: "drawn", format: "csv", split: "validation", path: "crop", rejected: {}, notes: [] },
      { created: "2026-11-24", version: "0" },
      { replicates: 30 },
    );
    const card = renderModelCard(model, [both]);
    expect(card).toContain("## Beside other networks");
    const row = card.split("\n").find((line) => line.startsWith("| blind |"));
    const difference = both.comparisons.find(({ metric }) => metric === "accuracy")!.difference;
    expect(row).toContain(`+${(100 * difference).toFixed(1)} points (+`);
    expect(renderModelCard({ ...model, sha256: "c".repeat(64) }, [both])).not.toContain("## Beside");
  });

  test("leaves out what others alone tell of these faces", () => {
    const entry = (id: string, tasks: string[]) => ({
      model: { id, heads: [{ id, title: id, tasks, sha256: id === model.id ? model.sha256 : "c".repeat(64), bytes: 1, licence: "MIT" }] },
      role: "unknown" as const,
      predictions: drawPredictions({ count: 60 }).map((face): FacePrediction => {
        const { mood, gender } = face.probabilities;
        return Object.assign({}, face, { probabilities: tasks.includes("gender") ? { mood, gender } : { mood } });
      }),
    });
    const report = evaluateModels(
      [entry(model.id, ["mood"]), entry("second", ["gender", "mood"]), entry("third", ["gender", "mood"])],
      { name: "drawn", format: "csv", split: "validation", path: "crop", rejected: {}, notes: [] },
      { created: "2026-11-24", version: "0" },
      { replicates: 3 },
    );
    const [, beside] = renderModelCard(model, [report]).split("## Beside other networks");
    expect(beside).toContain("Apparent mood: drawn");
    expect(beside).not.toContain("Apparent gender: drawn");
  });
});
