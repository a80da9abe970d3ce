# Runs ONNX files in OpenCV's DNN and lets ONNX's own checker look at them. Reads one JSON from standard input,
# [{"path": "a.onnx", "shape": [2, 3, 8, 8], "data": [0.5, ...], "outputs": ["age"]}, ...], and writes [{"age": [0.1, ...]}, ...].
import json
import sys

import cv2
import numpy
import onnx

answers = []
for request in json.load(sys.stdin):
    onnx.checker.check_model(onnx.load(request["path"]), full_check=True)
    network = cv2.dnn.readNetFromONNX(request["path"])
    network.setInput(numpy.array(request["data"], dtype=numpy.float32).reshape(request["shape"]))
    outputs = network.forward(request["outputs"])
    answers.append({name: values.ravel().tolist() for name, values in zip(request["outputs"], outputs)})
json.dump(answers, sys.stdout)
