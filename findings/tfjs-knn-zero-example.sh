#!/usr/bin/env bash
# TensorFlow.js' KNN classifier is thrown into disorder by one example of zeros: a picture that equals five examples of one class is said to be the other, with certainty.
#
# npm @tensorflow-models/knn-classifier 1.2.6 with @tensorflow/tfjs 4.22.0, Node 24. Examples are features, usually what a network sees of a picture; each is divided by its length, and the
# nearest are those of the largest cosine. A guess: an example of zeros (a black frame of a camera that starts, a dead row behind a ReLU) has no direction and is near to nothing, or is refused.
# 0 / 0 is NaN. The similarities are then sorted by their differences, and a comparison with NaN says "equal", by which a sort does not get through: everything before and after that
# row stays in the order in which the classes were added. No error; confidences look sure. Whether an answer is right then depends on where the row stands. A query of zeros makes
# all similarities NaN, and the first class wins. What clears it is clearClass, since single examples cannot be taken out.
# And `classIndex`, documented as the class's index from 0, is undefined for a classifier that was restored by setClassifierDataset, the documented way; a class that then gets another example is number 0.
# Seen, five examples of "sad" along y, five of "happy" around x, k = 3:
#   without the zeros:                          1 0 happy 1    0 1 sad 1
#   with one of zeros as the third of sad:      1 0 sad 1      0 1 sad 1
#   a query 0 0 (no zeros learnt):              sad 1
#   restored: classIndex undefined (it was 1 for happy); after one more example of happy it is 0
# Way out: leave out what has length 0 before addExample and predictClass.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0 @tensorflow-models/knn-classifier@1.2.6
cat > look.js <<'JS'
const tf = require("@tensorflow/tfjs");
const knn = require("@tensorflow-models/knn-classifier");
function learn(hasZeros) {
  const classifier = knn.create();
  for (let i = 0; i < 5; i++) {
    classifier.addExample(tf.tensor1d([0, 1 + i]), "sad");
    classifier.addExample(tf.tensor1d([1, 0.1 * i]), "happy");
    if (hasZeros && i === 2) classifier.addExample(tf.tensor1d([0, 0]), "sad");
  }
  return classifier;
}
async function ask(classifier, ...query) {
  const { label, confidences } = await classifier.predictClass(tf.tensor1d(query), 3);
  return `${query.join(" ")} ${label} ${confidences[label]}`;
}
(async () => {
  await tf.setBackend("cpu");
  const [clean, zeros, restored] = [learn(false), learn(true), knn.create()];
  restored.setClassifierDataset(clean.getClassifierDataset());
  const number = async (classifier) => String((await classifier.predictClass(tf.tensor1d([1, 0]), 3)).classIndex);
  const seen = {
    clean: [await ask(clean, 1, 0), await ask(clean, 0, 1), await ask(clean, 0, 0)],
    zeros: [await ask(zeros, 1, 0), await ask(zeros, 0, 1)],
    numbers: [await number(clean), await number(restored)],
  };
  restored.addExample(tf.tensor1d([1, 0]), "happy");
  seen.numbers.push(await number(restored));
  console.log(`knn-classifier ${knn.version}`, seen);
  const expected = { clean: ["1 0 happy 1", "0 1 sad 1", "0 0 sad 1"], zeros: ["1 0 sad 1", "0 1 sad 1"], numbers: ["1", "undefined", "0"] };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node look.js 2> errors || { cat errors; exit 1; }
