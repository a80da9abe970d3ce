#!/usr/bin/env bash
# OpenCV's neural network says NaN of everything after a training with ReLU, leaky ReLU or no activation; and its default sigmoid is half as steep as documented.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. cv2.ml.ANN_MLP has five activations, and scales targets into the range of the last one by itself. A guess: each can be trained with, as setActivationFunction takes each. IDENTITY,
# RELU and LEAKYRELU have no range: the scale becomes infinite, the shift NaN, and so do all answers, by each method of training, without an error; `train` returns True. Targets must stay unscaled there
# (NO_OUTPUT_SCALE), which the documentation does not ask for. Of SIGMOID_SYM it says that by default it is 1.7159 tanh(2/3 x); its own general formula, b (1 - e^(-a x)) / (1 + e^(-a x)),
# is b tanh(a x / 2), and that is computed: 1.7159 tanh(x / 3). Whoever carries weights over to another engine by the first gets other answers.
# Seen, 200 points, a plane as target (variance 4.6), layers 2, 6, 1, RPROP: mean squared error, scale of the output
#   IDENTITY, RELU, LEAKYRELU: NaN, scale inf NaN     with NO_OUTPUT_SCALE: below 0.01 (IDENTITY), 1 0     SIGMOID_SYM and GAUSSIAN: below 0.5
#   answers of SIGMOID_SYM recomputed from its weights: by tanh(x / 3) within 0.00001, by tanh(2/3 x) up to 5.6 off
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

random = numpy.random.default_rng(0)
x = random.standard_normal((200, 2)).astype(numpy.float32)
y = (2 * x[:, :1] - x[:, 1:] + 0.5).astype(numpy.float32)

def train(activation, flags=0):
    network = cv2.ml.ANN_MLP_create()
    network.setLayerSizes(numpy.array([2, 6, 1]))
    network.setActivationFunction(activation, 0, 0)
    network.setTrainMethod(cv2.ml.ANN_MLP_RPROP)
    network.setTermCriteria((3, 300, 1e-6))
    assert network.train(cv2.ml.TrainData_create(x, cv2.ml.ROW_SAMPLE, y), flags)
    return network, network.predict(x)[1]

print("OpenCV", cv2.__version__)
errors = {}
for name in ("IDENTITY", "RELU", "LEAKYRELU", "SIGMOID_SYM", "GAUSSIAN"):
    network, said = train(getattr(cv2.ml, f"ANN_MLP_{name}"))
    errors[name] = ((said - y) ** 2).mean()
    print(f"{name}: mean squared error {errors[name]:.3f}, scale of the output", network.getWeights(3).ravel().round(3))
unscaled = ((train(cv2.ml.ANN_MLP_IDENTITY, cv2.ml.ANN_MLP_NO_OUTPUT_SCALE)[1] - y) ** 2).mean()
print(f"IDENTITY, NO_OUTPUT_SCALE: {unscaled:.5f}")

network, said = train(cv2.ml.ANN_MLP_SIGMOID_SYM)
scale_in, first, second, scale_out = (network.getWeights(i) for i in range(4))
def recompute(steepness):
    values = x * scale_in.ravel()[0::2] + scale_in.ravel()[1::2]
    for weights in (first, second):
        values = 1.7159 * numpy.tanh(steepness * numpy.c_[values, numpy.ones(len(values))] @ weights)
    return values * scale_out.ravel()[0] + scale_out.ravel()[1]
third, two_thirds = (float(abs(recompute(steepness) - said).max()) for steepness in (1 / 3, 2 / 3))
print(f"recomputed: tanh(x / 3) {third:.7f} off, tanh(2/3 x) {two_thirds:.2f} off")
assert all(numpy.isnan(errors[name]) for name in ("IDENTITY", "RELU", "LEAKYRELU")), "it behaves otherwise now"
assert errors["SIGMOID_SYM"] < 0.5 and errors["GAUSSIAN"] < 0.5 and unscaled < 0.01, "it behaves otherwise now"
assert third < 1e-5 and two_thirds > 1, "it behaves otherwise now"
PYTHON
