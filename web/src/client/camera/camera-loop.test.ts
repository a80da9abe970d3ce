import { afterEach, expect, test, vi } from "vitest";
import { explainCamera, watchFaces } from "./camera-loop.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  ["NotAllowedError", "Permission denied", /not allowed.*address bar.*open it again/],
  ["NotAllowedError", "Permission dismissed", /not allowed.*address bar.*open it again/],
  // What browsers say where the operating system lets no program, or not this one, have a camera.
  ["NotAllowedError", "Permission denied by system", /system.*privacy settings.*open it again/],
  ["SecurityError", "", /switched off for this page/],
  ["NotFoundError", "Requested device not found", /No camera was found. Connect one/],
  ["OverconstrainedError", "", /No camera was found. Connect one/],
  ["NotReadableError", "Could not start video source", /another program.*Close it/i],
  ["AbortError", "Starting videoinput failed", /another program.*Close it/i],
  ["NotSupportedError", "no media devices", /secure addresses/],
  ["InvalidStateError", "", /^The camera stopped\. Open it again\.$/],
])("%s (%s) is told with what to do", (name, message, told) => {
  expect(explainCamera(new DOMException(message, name))).toMatch(told);
  // Not everywhere an error by its class.
  expect(explainCamera({ name, message })).toMatch(told);
});

test("what ended a camera is said as it is", () => {
  expect(explainCamera(new Error("it was unplugged"))).toBe("The camera stopped: it was unplugged. Open it again.");
  expect(explainCamera(undefined)).toBe("The camera stopped. Open it again.");
});

test("the time that the networks took to load is soon forgotten in the frames a second", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("HTMLMediaElement", { HAVE_CURRENT_DATA: 2 });
  vi.stubGlobal("MediaStream", EventTarget);
  vi.stubGlobal("createImageBitmap", async () => ({}));
  const controller = new AbortController();
  const rates: number[] = [];
  let analysed = 0;
  const analyze = async (): Promise<unknown> => {
    await new Promise((resolve) => setTimeout(resolve, analysed++ < 2 ? 3000 : 50));
    return { faces: [], width: 640, height: 480 };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the loop asks of a player and of an analyzer
  const [video, analyzer] = [{ readyState: 4, videoWidth: 640, videoHeight: 480 }, { analyze }] as unknown as Parameters<typeof watchFaces>;
  const watched = watchFaces(video, analyzer, { signal: controller.signal, onFrame: ({ rate }) => rates.push(rate) });
  await vi.advanceTimersByTimeAsync(7000);
  controller.abort();
  await vi.advanceTimersByTimeAsync(50);
  await watched;
  expect(rates[0]).toBeCloseTo(1 / 3, 2);
  expect(rates.length).toBeGreaterThan(15);
  expect(rates[15]).toBeCloseTo(20, 0);
});
