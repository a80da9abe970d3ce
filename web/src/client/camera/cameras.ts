import { signal } from "@preact/signals";

/** The cameras of this device. Their names are told once the visitor allowed one. */
export const cameras = signal<readonly MediaDeviceInfo[]>([]);
/** The one that was chosen; undefined while nobody chose. */
export const chosenCamera = signal<string | undefined>(undefined);
/** The one that is open. */
export const openedCamera = signal<string | undefined>(undefined);

/** Which there are, and which of them a player shows. */
export async function listCameras(video: HTMLVideoElement): Promise<void> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  cameras.value = devices.filter(({ kind }) => kind === "videoinput");
  openedCamera.value = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0]?.getSettings().deviceId : undefined;
}
