#!/usr/bin/env bash
# Python's onnx refuses a spectrogram of the right shape and passes one of the wrong, where STFT does not say `onesided`; and a ConvTranspose that pads by itself is too large to it.
#
# Debian 12: python3-onnx 1.12.0-2+b4, opset 17; the networks run on npm onnxruntime-node 1.30.0, Node 24. check_model with full_check compares the shapes that a file declares with inferred ones, and optimisers go by inferred ones.
# A guess: where nothing is said the inference takes the operation's default. STFT's `onesided` is 1 by default, so that of a frame of 4 there are 3 frequencies; without the attribute the inference counts 4, as if it
# were 0. Of ConvTranspose with auto_pad SAME the specification says that the result is the input times the strides; output_padding, which decides how that is reached, is added once more by the inference. So valid files that were exported
# by others are refused with "Inferred shape and existing shape differ", and who repairs a file by its inferred shapes makes it wrong.
# Seen, declared shape: check_model; what ONNX Runtime gives
#   STFT of 10 samples, frames of 4, step 2, no attribute: [1, 4, 3, 2] refused, [1, 4, 4, 2] passed; [1, 4, 3, 2]      with onesided 1: [1, 4, 3, 2] passed, the other refused; the same
#   ConvTranspose of 5 x 5, kernel 3, strides 2, SAME_UPPER, output_padding 1: 10 x 10 refused, 11 x 11 passed; 10 x 10      without output_padding: 10 x 10 passed; 10 x 10
# Way out: write `onesided`; pads instead of auto_pad.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-onnx > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0
/usr/bin/python3 - <<'PYTHON'
import numpy, onnx
from onnx import TensorProto, checker, helper, numpy_helper

def network(node, x, y, **constants):
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x), helper.make_tensor_value_info("y", TensorProto.FLOAT, y)]
    graph = helper.make_graph([node], "g", values[:1], values[1:], [numpy_helper.from_array(value, name) for name, value in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

def check(name, make, shapes):
    said = []
    for shape in shapes:
        model = make(shape)
        checker.check_model(model)
        try:
            checker.check_model(model, full_check=True)
            said.append("passed")
        except Exception as error:
            assert "Inferred shape and existing shape differ" in str(error), error
            said.append("refused")
    onnx.save(make(list("abcd")), f"{name}.onnx")
    print(name, dict(zip(map(str, shapes), said)))
    return said

def stft(**attributes):
    return lambda y: network(helper.make_node("STFT", ["x", "step", "", "length"], ["y"], **attributes), [1, 10, 1], y, step=numpy.array(2), length=numpy.array(4))

def transposed(**attributes):
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], auto_pad="SAME_UPPER", strides=[2, 2], **attributes)
    return lambda y: network(node, [1, 1, 5, 5], y, w=numpy.ones((1, 1, 3, 3), numpy.float32))

print("onnx", onnx.__version__)
spectrum, maps = [[1, 4, 3, 2], [1, 4, 4, 2]], [[1, 1, 10, 10], [1, 1, 11, 11]]
assert check("stft", stft(), spectrum) == ["refused", "passed"], "it behaves otherwise now"
assert check("stft-onesided", stft(onesided=1), spectrum) == ["passed", "refused"], "it behaves otherwise now"
assert check("transposed", transposed(output_padding=[1, 1]), maps) == ["refused", "passed"], "it behaves otherwise now"
assert check("transposed-plain", transposed(), maps) == ["passed", "refused"], "it behaves otherwise now"
PYTHON
cat > run.cjs <<'JS'
const ort = require("onnxruntime-node");
(async () => {
  const seen = {};
  for (const [name, dims] of Object.entries({ stft: [1, 10, 1], "stft-onesided": [1, 10, 1], transposed: [1, 1, 5, 5], "transposed-plain": [1, 1, 5, 5] })) {
    const session = await ort.InferenceSession.create(`${name}.onnx`, { logSeverityLevel: 4 });
    const x = new ort.Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
    seen[name] = (await session.run({ x })).y.dims.join();
  }
  console.log("ONNX Runtime", seen);
  const expected = { stft: "1,4,3,2", "stft-onesided": "1,4,3,2", transposed: "1,1,10,10", "transposed-plain": "1,1,10,10" };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> errors || { cat errors; exit 1; }
