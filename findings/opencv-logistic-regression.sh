#!/usr/bin/env bash
# OpenCV's logistic regression learns the slower the more samples it has: its steps are divided by their number twice. And its penalty L1 is L2.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. A step of gradient descent takes the learning rate times the mean of the samples' gradients. A guess: the same samples given ten times
# over are the same training. By LogisticRegression_BATCH the mean is divided by their number once more, so that they are a tenth of it; with 6,000 samples, the rate of 0.1 and 300
# steps, which do for 60 elsewhere, the weights stay at thousandths and every probability at one half. Answers by class may be right all the same, which hides it.
# setRegularization takes REG_L1 and REG_L2, by name the L1 and L2 norm. A guess: L1 makes weights 0. Both take L2's gradient; L1 is in the cost that is
# looked at alone. There is no setter for the strength: it is 1 beside the sum over all samples.
# Seen, the weights of the two features that say the class, 300 steps of 0.1, no penalty (gradient descent as it is written everywhere: 1.077 1.762 each time):
#   60 samples 0.151 0.178    the same 10 times 0.017 0.020    100 times 0.002 0.002    which is gradient descent with a rate of 0.1 / samples, to four digits
#   mini batches of all samples: 0.373 0.456, 0.056 0.065 and 0.006 0.007, likewise
#   3,000 steps with REG_L1 and with REG_L2: the same numbers to the last bit, none is 0
# Way out: the number of samples times the wished rate as learning rate.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

random = numpy.random.default_rng(4)
truth = numpy.repeat([0, 1], 30)
data = random.normal(size=(60, 10)).astype(numpy.float32)
data[:, :2] += (2 * truth - 1)[:, None]
ml = cv2.ml

def learn(times=1, steps=300, rate=0.1, kind=ml.LogisticRegression_REG_DISABLE, way=ml.LogisticRegression_BATCH):
    model = ml.LogisticRegression_create()
    model.setLearningRate(rate)
    model.setIterations(steps)
    model.setTrainMethod(way)
    model.setMiniBatchSize(60 * times)
    model.setRegularization(kind)
    model.train(numpy.tile(data, (times, 1)), ml.ROW_SAMPLE, numpy.tile(truth, times).astype(numpy.float32))
    return model.get_learnt_thetas().ravel()

def descend(steps, rate):
    rows, weights = numpy.hstack([numpy.ones((60, 1)), data]), numpy.zeros(11)
    for _ in range(steps):
        weights -= rate * rows.T @ (1 / (1 + numpy.exp(-rows @ weights)) - truth) / 60
    return weights

print("OpenCV", cv2.__version__, "| gradient descent:", descend(300, 0.1)[1:3].round(3))
for times in (1, 10, 100):
    seen, small = learn(times), learn(times, way=ml.LogisticRegression_MINI_BATCH)
    print(f"samples {times} times: {seen[1:3].round(3)}, mini batches {small[1:3].round(3)}, gradient descent with a rate of 0.1 / {60 * times}: {descend(300, 0.1 / (60 * times))[1:3].round(3)}")
    assert numpy.allclose(seen, descend(300, 0.1 / (60 * times)), atol=1e-4), "it behaves otherwise now"
assert numpy.allclose(learn(10, rate=0.1 * 600), descend(300, 0.1), atol=0.01), "the way out does not work now"
one, two, none = (learn(steps=3000, kind=kind) for kind in (ml.LogisticRegression_REG_L1, ml.LogisticRegression_REG_L2, ml.LogisticRegression_REG_DISABLE))
print("REG_L1", one.round(3), "equal to REG_L2:", numpy.array_equal(one, two))
assert numpy.array_equal(one, two) and not (one == 0).any() and not numpy.allclose(one, none, atol=1e-3), "it behaves otherwise now"
PYTHON
