import { encode, type FaceAnalysis, type FaceLandmarks, fetchModels, TensorFaceError } from "tensorface/browser";
import { version } from "../../../../package.json";
import { decodeOptions } from "../../../../src/analyze/pipeline/index.ts";
import { scaleLandmarks } from "../../../../src/core/index.ts";
import { decode } from "../../../../src/image/decode.browser.ts";
import type { RasterImage } from "../../../../src/image/index.ts";
import { webSha256 } from "../../../../src/models/index.ts";
import {
  type Backbone,
  createSeer,
  cropLength,
  cutSmall,
  likenessOf,
  openBackbone,
  openInstalled,
  type Seer,
  teachModel,
  toSource,
  usualBackbones,
  writeCrop,
} from "../../../../src/retrain/lesson/index.ts";
import { createBrowserRuntime } from "../../../../src/runtime/runtime.browser.ts";
import type { ExampleCrop, SeeAnswer, SeeAsk, Seen, TeachAnswer, TeachAsk } from "../../shared/questions.ts";
import { describeOwnModel } from "./open-model.ts";

/** Sees examples and makes models of them: the same code as `tensorface retrain`, with the browser's decoders and engine. */
export interface Teacher {
  /**
   * @param readable the same picture in a form that the browser decodes
   * @throws {TF_*} when the networks cannot be had; a picture that is no example has a reason
   */
  readonly see: (ask: SeeAsk, readable: Blob) => Promise<SeeAnswer>;
  readonly teach: (ask: TeachAsk, signal: AbortSignal) => Promise<TeachAnswer>;
}

export interface TeacherPlatform {
  /** Address of the networks. */
  readonly modelRoot: string;
  readonly findFaces: (picture: Blob) => Promise<FaceAnalysis>;
}

/** A backbone that is loaded. */
interface Eye {
  readonly backbone: Backbone;
  readonly seer: Seer;
}

/** Side of the small picture that the page shows, pixels; twice what it takes on the screen. */
const thumbnailSide = 128;
const thumbnailQuality = 80;

export function createTeacher({ modelRoot, findFaces }: TeacherPlatform): Teacher {
  const eyes = new Map<ExampleCrop, Promise<Eye>>();
  const eyeFor = async (crop: ExampleCrop): Promise<Eye> => {
    const eye = eyes.get(crop) ?? openEye(modelRoot, crop);
    eyes.set(crop, eye);
    // After a lost connection the next picture may try again.
    eye.catch(() => eyes.delete(crop));
    return eye;
  };
  return {
    see: async ({ picture, crop, takesLargest }, readable) => {
      const eye = await eyeFor(crop);
      const { image } = await decode(readable, decodeOptions());
      if (crop === "whole") return { ...(await lookAt(image, { kind: "whole" }, eye)), sha256: await hashOfFile(picture) };
      const found = await findFaces(readable);
      const [face, ...others] = found.faces;
      if (face === undefined) return { reason: "no face" };
      if (others.length > 0 && !takesLargest) return { reason: "several faces" };
      const landmarks = scaleLandmarks(face.landmarks, 1 / found.width, 1 / found.height);
      return { ...(await lookAt(image, { kind: "face", landmarks }, eye)), sha256: await hashOfFile(picture) };
    },
    teach: async ({ id, task, crop, examples }, signal) => {
      const { backbone } = await eyeFor(crop);
      const hash = webSha256 ?? (async () => "0".repeat(64));
      const { model, ...known } = await teachModel({ id, task, backbone, crop: { kind: crop }, examples, version, hash, signal });
      return { ...known, model: describeOwnModel(model, model.bytes) };
    },
  };
}

async function openEye(modelRoot: string, crop: ExampleCrop): Promise<Eye> {
  const store = fetchModels(modelRoot);
  const backbone = await openBackbone(usualBackbones[crop], (part) => openInstalled(store, part));
  return { backbone, seer: await createSeer(await createBrowserRuntime(), backbone) };
}

/** Landmarks as shares of width and height. */
type Region = { readonly kind: "whole" } | { readonly kind: "face"; readonly landmarks: FaceLandmarks };

/** Of the file as it came, as whoever evaluates has it. A frame of the camera is no file that anybody has. */
async function hashOfFile(picture: Blob): Promise<string | undefined> {
  return picture instanceof File ? webSha256?.(new Uint8Array(await picture.arrayBuffer())) : undefined;
}

async function lookAt(image: RasterImage, region: Region, { backbone, seer }: Eye): Promise<Omit<Seen, "sha256">> {
  const landmarks = region.kind === "face" ? region.landmarks : undefined;
  const crop = new Float32Array(cropLength(backbone));
  writeCrop(image, toSource({ kind: region.kind }, image, backbone, landmarks), backbone, crop, 0);
  const features = await seer.see(crop);
  if (features.some((value) => Number.isNaN(value))) throw new TensorFaceError("TF_RUNTIME_FAILED", "the network gave no numbers");
  const shown = cutSmall(image, { kind: region.kind }, backbone, landmarks, thumbnailSide);
  const bytes = await encode(shown, { format: "jpeg", quality: thumbnailQuality });
  return { features, likeness: likenessOf(image), thumbnail: new Blob([bytes.slice()], { type: "image/jpeg" }) };
}
