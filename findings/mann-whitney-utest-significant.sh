#!/usr/bin/env bash
# mann-whitney-utest calls a difference significant if U is smaller than z: one value against one other is, two hundred that hardly overlap are not.
#
# npm mann-whitney-utest 1.0.5 and its TypeScript port @tainakanchu/mann-whitney-utest 1.1.0, Node 24. The test compares two samples by ranks: U counts pairs, from 0 (no overlap) to half of
# all pairs; its normal approximation z says by how many deviations U is off, and |z| above 1.96 is the usual 5 %. `significant` is documented to compare U with a critical value. A guess: of
# the two that are in use, U below a table's entry or z above a quantile, it is one. Its `criticalValue` returns z, and `significant` asks whether U is less than that.
# Seen, samples, U, z (right in all rows), significant:
#   [1] and [2]                   0     1.00   true     (p = 1 exactly)
#   [1] and [2, 3]                0     1.22   true     (p = 2/3)
#   [1, 2] and [3, 4]             0     1.55   true     (p = 1/3)
#   0..19 and 5..24           112.5     2.37   false    (p = 0.02)
#   0..19 and 10..29             50     4.06   false    (p < 0.0001)
#   0..99 and 70..169           450    11.12   false
# So it is true where nothing can be significant, and false for samples of any size that overlap by a few pairs.
# Way out: compare criticalValue(u, samples) with 1.96 (both sizes from about 10 on), or take @stdlib's tests.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error mann-whitney-utest@1.0.5 @tainakanchu/mann-whitney-utest@1.1.0 > /dev/null
cat > run.cjs <<'JS'
const packages = ["mann-whitney-utest", "@tainakanchu/mann-whitney-utest"];
const from = (first, count) => Array.from({ length: count }, (_, i) => first + i);
const samples = [[[1], [2]], [[1], [2, 3]], [[1, 2], [3, 4]], [from(0, 20), from(5, 20)], [from(0, 20), from(10, 20)], [from(0, 100), from(70, 100)]];
/** U of the first sample by counting pairs, a tie as a half, and z with the correction for ties. */
const control = ([a, b]) => {
  const u = a.flatMap((x) => b.map((y) => (x > y ? 1 : x === y ? 0.5 : 0))).reduce((sum, n) => sum + n, 0);
  const all = [...a, ...b];
  const ties = [...new Set(all)].map((x) => all.filter((y) => y === x).length).reduce((sum, n) => sum + n ** 3 - n, 0);
  const variance = ((a.length * b.length) / 12) * (all.length + 1 - ties / (all.length * (all.length - 1)));
  return { u, z: Math.abs(u - (a.length * b.length) / 2) / Math.sqrt(variance) };
};
const seen = packages.map((name) => samples.map((pair) => {
  const { test, criticalValue, significant } = require(name);
  const u = test(pair);
  const z = criticalValue(u, pair);
  const wanted = control(pair);
  if (Math.abs(u[0] - wanted.u) > 1e-9 || Math.abs(z - wanted.z) > 1e-9) throw new Error("U or z has changed");
  return `${u[0]} ${z.toFixed(2)} ${significant(u, pair)}`;
}));
console.log(packages.map((name) => `${name} ${require(`${name}/package.json`).version}`).join(", "), seen);
const expected = ["0 1.00 true", "0 1.22 true", "0 1.55 true", "112.5 2.37 false", "50 4.06 false", "450 11.12 false"];
if (!seen.every((rows) => JSON.stringify(rows) === JSON.stringify(expected))) throw new Error("this has changed");
JS
node run.cjs
