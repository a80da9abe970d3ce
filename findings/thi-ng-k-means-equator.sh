#!/usr/bin/env bash
# @thi.ng/k-means puts the middle of two places beside the equator at latitude 180, which there is not, and that of two beside the date line in Greenwich's meridian.
#
# npm @thi.ng/k-means 2.0.42, Node 24. `meansLatLon` is its way of means for places on the Earth as pairs of latitude and longitude, such as photographs have them. A guess: latitudes are averaged plainly, and longitudes
# so that 170 and -170 have 180 between them. It is the other way round: 360 is added to a latitude below 0, and longitudes are averaged plainly. So places on one side of the equator and
# of the date line are right, which most sets of test places are. Seen, two places and their mean:
#   (10, 20) (-10, 20)         (180, 20)         right: (0, 20)
#   (5, 100) (-5, 104)         (180, 102)        right: (0, 102)
#   (52, 170) (52, -170)       (52, 0)           right: (52, 180)
#   (50, 10) (52, 12)          (51, 11)          right
#   (-33, 151) (-35, 149)      (-34, 150)        right
# and a k-means of one cluster has the same centroid. Nairobi, Singapore, Quito and their surroundings lie on both sides; no error.
# Way out: k-means of unit vectors in three dimensions, or a strategy of one's own.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @thi.ng/k-means@2.0.42 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { kmeans, meansLatLon } from "@thi.ng/k-means";

const seen = {};
for (const places of [[[10, 20], [-10, 20]], [[5, 100], [-5, 104]], [[52, 170], [52, -170]], [[50, 10], [52, 12]], [[-33, 151], [-35, 149]]]) {
  const mean = meansLatLon(2);
  for (const place of places) mean.update(place);
  const result = mean.finish();
  const [cluster] = kmeans(1, places, { strategy: meansLatLon, initial: [places[0]] });
  if (cluster.centroid.join() !== result.join()) throw new Error("k-means has another centroid");
  seen[places.join(" ")] = result.join();
}
console.log("@thi.ng/k-means", JSON.parse(readFileSync("node_modules/@thi.ng/k-means/package.json", "utf8")).version, seen);
const expected = { "10,20 -10,20": "180,20", "5,100 -5,104": "180,102", "52,170 52,-170": "52,0", "50,10 52,12": "51,11", "-33,151 -35,149": "-34,150" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
