#!/usr/bin/env bash
# face-api's yaw is a number of pixels: the same face in a picture of twice the size is turned twice as far, and by more than 360 in a large one.
#
# npm @vladmandic/face-api 1.7.15 with @tensorflow/tfjs 4.22.0, Node 24. A result with landmarks has `angle` with roll, pitch and yaw. A guess: three angles, in degrees as roll's are,
# which do not change when resizeResults fits a result to another size. Yaw is the difference of two distances in pixels, from the nose to either side of the face; it is
# right for one size of face at best. Pitch is made of how far the nose is from the middle between the sides, in any direction: a head turned aside alone is also lowered.
# Landmarks made by hand: sides at 0.1 and 0.9 of the box, nose between them (0.5), or a twentieth or tenth of the box to the right.
# Seen, {roll, pitch, yaw} in boxes of 100, 200 and 1,000 pixels:
#   0.5: 0 0 0 in each         0.55: 0 3 -11, 0 3 -21, 0 3 -100        0.6: 0 7 -20, 0 7 -40, 0 7 -200
#   the last of them by resizeResults to twice the size: 0 7 -400
# Way out: 100 * yaw / detection.box.width is the same at every size (not degrees); or solve for the pose from the 68 points.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 > /dev/null
cat > run.cjs <<'JS'
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
/** A result as face-api gives it, with its nose at `nose` of the box's width. */
function resultOf(nose, width) {
  const points = Array.from({ length: 68 }, () => new faceapi.Point(0.5, 0.5));
  const set = (indices, x, y) => indices.forEach((index) => (points[index] = new faceapi.Point(x, y)));
  set([2], 0.1, 0.45);
  set([14], 0.9, 0.45);
  set([27], 0.5, 0.35);
  set([30], nose, 0.45);
  set([33], nose, 0.6);
  set([66], 0.5, 0.8);
  set([36, 37, 38, 39, 40, 41], 0.3, 0.35);
  set([42, 43, 44, 45, 46, 47], 0.7, 0.35);
  const detection = new faceapi.FaceDetection(0.9, new faceapi.Rect(0.25, 0.25, 0.5, 0.5), { width: 2 * width, height: 2 * width });
  const landmarks = new faceapi.FaceLandmarks68(points, { width, height: width });
  return faceapi.extendWithFaceLandmarks(faceapi.extendWithFaceDetection({}, detection), landmarks);
}
const angles = ({ angle }) => `${angle.roll} ${angle.pitch} ${angle.yaw}`;
const seen = Object.fromEntries([0.5, 0.55, 0.6].map((nose) => [nose, [100, 200, 1000].map((width) => angles(resultOf(nose, width)))]));
seen.resized = angles(faceapi.resizeResults(resultOf(0.6, 1000), { width: 4000, height: 4000 }));
console.log("@vladmandic/face-api", require("@vladmandic/face-api/package.json").version, seen);
const expected = { 0.5: ["0 0 0", "0 0 0", "0 0 0"], 0.55: ["0 3 -11", "0 3 -21", "0 3 -100"], 0.6: ["0 7 -20", "0 7 -40", "0 7 -200"], resized: "0 7 -400" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
