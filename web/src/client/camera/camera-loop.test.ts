import { expect, test } from "vitest";
import { explainCamera } from "./camera-loop.ts";

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
