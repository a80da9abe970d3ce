import { type Task, tasks, TensorFaceError } from "../core/index.ts";
import { checkHead, type Head } from "../classify/index.ts";
import { blazeFace, createFaceDetector, createFaceMesh, type FaceDetector, type ScanningNetwork, ssd } from "../detect/index.ts";
import type { DetectorManifest, HeadManifest, LandmarkManifest, ModelManifest } from "../models/manifest.ts";
import type { InferenceSession } from "../runtime/index.ts";
import type { AnalyzerOptions, DetectorChoice } from "./options.ts";
import type { AnalyzerPlatform } from "./platform.ts";

/** The detector that is best by measurement: docs/detection.md. */
const defaultDetector: DetectorChoice = "blazeface";

/** A head and which of its outputs are wanted. */
export interface SelectedHead extends Head {
  readonly tasks: readonly Task[];
}

/** Everything that an analyzer runs, loaded. */
export interface LoadedNetworks {
  readonly detector: FaceDetector;
  readonly heads: readonly SelectedHead[];
  /** Ids, the detector first. */
  readonly ids: readonly string[];
  readonly device: string;
  readonly dispose: () => Promise<void>;
}

/**
 * Chooses the networks for the options and loads them.
 * @throws {TF_MODEL_NOT_FOUND} when no network is installed that does what was asked for
 */
export async function loadNetworks(
  platform: Pick<AnalyzerPlatform<unknown>, "runtime" | "models" | "resize">,
  options: AnalyzerOptions,
): Promise<LoadedNetworks> {
  const manifests = await platform.models.manifests();
  const detector = chooseDetector(manifests, options.detector ?? defaultDetector);
  const mesh = chooseMesh(manifests);
  const heads = chooseHeads(manifests, options);
  const sessions: InferenceSession[] = [];
  const total = [detector, mesh, ...heads.map(({ manifest }) => manifest)].reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  const load = async (manifest: ModelManifest): Promise<InferenceSession> => {
    const report = (bytes: number): void => options.onLoad?.({ stage: "load", done: loaded + bytes, total });
    const model = await platform.models.read(manifest, { onProgress: ({ done }) => report(done) });
    report(manifest.bytes);
    loaded += manifest.bytes;
    const session = await platform.runtime.load(model, { device: options.device, threads: options.threads });
    sessions.push(session);
    return session;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(sessions.map(async (session) => session.dispose()));
  };
  try {
    const scanner = createScanner(detector, await load(detector));
    const faceMesh = createFaceMesh(await load(mesh), mesh);
    const loadedHeads: SelectedHead[] = [];
    for (const { manifest, tasks } of heads) loadedHeads.push({ manifest, tasks, network: await load(manifest) });
    return {
      detector: createFaceDetector(scanner, faceMesh, platform.resize),
      heads: loadedHeads,
      ids: [detector.id, mesh.id, ...heads.map(({ manifest }) => manifest.id)],
      device: sessions[0]!.device,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const scanners = { blazeface: blazeFace, ssd } as const satisfies Record<DetectorManifest["decoder"], unknown>;

function createScanner(manifest: DetectorManifest, session: InferenceSession): ScanningNetwork {
  return scanners[manifest.decoder](session, manifest);
}

function chooseDetector(manifests: readonly ModelManifest[], choice: DetectorChoice): DetectorManifest {
  const found = manifests.find((manifest): manifest is DetectorManifest => manifest.kind === "detector" && manifest.decoder === choice);
  if (found === undefined) throw notInstalled(`detector "${choice}"`, manifests);
  return found;
}

function chooseMesh(manifests: readonly ModelManifest[]): LandmarkManifest {
  const found = manifests.find((manifest): manifest is LandmarkManifest => manifest.kind === "landmarks");
  if (found === undefined) throw notInstalled("landmark network", manifests);
  return found;
}

/** The first head that tells each task; a head that tells several of them is run once. */
function chooseHeads(
  manifests: readonly ModelManifest[],
  options: AnalyzerOptions,
): { readonly manifest: HeadManifest; readonly tasks: readonly Task[] }[] {
  const available = headsInOrder(manifests, options.models);
  const byHead = new Map<HeadManifest, Task[]>();
  for (const task of options.heads ?? tasks) {
    const head = available.find(({ outputs }) => outputs.some((output) => output.task === task));
    if (head === undefined) throw notInstalled(`head for ${task}`, manifests);
    byHead.set(head, [...(byHead.get(head) ?? []), task]);
  }
  for (const head of byHead.keys()) checkHead(head);
  return [...byHead].map(([manifest, tasks]) => ({ manifest, tasks }));
}

/** Heads asked for by id come first, in the order in which they were asked for. */
function headsInOrder(manifests: readonly ModelManifest[], ids: readonly string[] = []): HeadManifest[] {
  const heads = manifests.filter((manifest) => manifest.kind === "head");
  const asked = ids.map((id) => {
    const head = heads.find((manifest) => manifest.id === id);
    if (head === undefined) throw notInstalled(`head "${id}"`, manifests);
    return head;
  });
  return [...asked, ...heads.filter((head) => !asked.includes(head))];
}

function notInstalled(what: string, manifests: readonly ModelManifest[]): TensorFaceError {
  const installed = manifests.map(({ id }) => id).join(", ") || "none";
  return new TensorFaceError("TF_MODEL_NOT_FOUND", `no ${what} is installed; installed are: ${installed}`);
}
