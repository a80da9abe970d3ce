#!/usr/bin/env bash
# spline-interpolator smooths every point but the last one, where the curve jumps to the value as measured; and max() does not look there.
#
# npm spline-interpolator 1.0.0, Node 24. It fits a smoothing spline; lambda says how closely, 1 is through all points. A guess: the curve is continuous, as a cubic spline is, with its
# second derivative. At exactly the largest x the given y is returned instead of the curve's, so that with any lambda below 1 the end of a learning curve is a spike, the
# more visible the more one smooths: just before and just after it are the curve. The first point is not treated so. max() and min() try 100 places from the first
# x on and stop one step short of the last, so that of 0, 1, 2, 3 the maximum is 2.97, with 3 steps it is 2, and range() with it.
# Seen, 0 and 1 in turn at 0 to 9: lambda 0.5: at 9 - 1e-9 0.756, at 9 1, at 9 + 1e-9 0.756, at 0 0.244    lambda 0.01: 0.640, 1, 0.640, 0.360
#   a straight line from 0 to 3, lambda 1: max() 2.97, max(3) 2, range() 0 to 2.97
# Way out: the value a hair before the end, and the end beside max() and min().
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts spline-interpolator@1.0.0
cat > look.js <<'JS'
import SplineInterpolator from "spline-interpolator";
const x = Array.from({ length: 10 }, (_, i) => i);
const y = x.map((i) => i % 2);
const seen = {};
for (const lambda of [1, 0.5, 0.01]) {
  const curve = new SplineInterpolator(x, y, lambda);
  seen[lambda] = [9 - 1e-9, 9, 9 + 1e-9, 0].map((place) => Number(curve.interpolate(place).toFixed(3)));
}
const line = new SplineInterpolator([0, 1, 2, 3], [0, 1, 2, 3]);
seen.line = [line.max(), line.max(3), ...line.range()].map((value) => Number(value.toFixed(3)));
console.log("spline-interpolator 1.0.0, before the end, at it, after it, at the beginning:", seen);
const expected = { 1: [1, 1, 1, 0], 0.5: [0.756, 1, 0.756, 0.244], 0.01: [0.64, 1, 0.64, 0.36], line: [2.97, 2, 0, 2.97] };
for (const [name, values] of Object.entries(expected)) if (!values.every((value, i) => Math.abs(value - seen[name][i]) < 0.002)) throw new Error("this has changed");
JS
node look.js
