"""Reference numbers for resize and warp, computed with NumPy from the definitions, one pixel at a time and in float64.

Nothing here is shared with the TypeScript code: the resize integrates a triangle filter as a full matrix, the warp evaluates
bilinear interpolation by np.interp along each axis of an upsampled plane. Run: python3 make_vectors.py > vectors.json
"""
import json
import numpy as np


def picture(height, width):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * 37 + y * 101) % 256, (x * x * 3 + y * 17) % 256, (x * y * 5 + 40) % 256]
    return np.stack(planes, axis=-1).astype(np.float64)


def triangle_matrix(inputs, outputs):
    scale = inputs / outputs
    radius = max(scale, 1.0)
    centres = (np.arange(outputs) + 0.5) * scale
    distance = np.abs(np.arange(inputs)[None, :] + 0.5 - centres[:, None]) / radius
    weights = np.clip(1 - distance, 0, None)
    return weights / weights.sum(axis=1, keepdims=True)


def resize(image, height, width):
    rows = triangle_matrix(image.shape[0], height)
    columns = triangle_matrix(image.shape[1], width)
    return np.einsum("yi,ijc,xj->yxc", rows, image, columns)


def bilinear(image, x, y):
    """The value at continuous (x, y), pixel centres at +0.5, edges repeated."""
    height, width, _ = image.shape
    result = []
    for channel in range(3):
        column = [np.interp(x - 0.5, np.arange(width), image[row, :, channel]) for row in range(height)]
        result.append(np.interp(y - 0.5, np.arange(height), column))
    return result


def warp(image, matrix, height, width):
    out = np.zeros((height, width, 3))
    for j in range(height):
        for i in range(width):
            x, y = matrix @ np.array([i + 0.5, j + 0.5, 1])
            out[j, i] = bilinear(image, x, y)
    return out


def rounded(array):
    return [round(float(value), 4) for value in array.ravel()]


source = picture(9, 11)
resizes = [{"width": w, "height": h, "data": rounded(resize(source, h, w))} for w, h in [(11, 9), (5, 4), (3, 8), (16, 13), (1, 1)]]
angle = np.deg2rad(20)
matrices = [
    [[1, 0, 0.25], [0, 1, -0.5]],
    [[0.7 * np.cos(angle), -0.7 * np.sin(angle), 4], [0.7 * np.sin(angle), 0.7 * np.cos(angle), 1]],
    [[-0.5, 0.3, 8], [0.2, 0.6, -2]],
]
warps = [{"matrix": np.ravel(m).tolist(), "width": 7, "height": 6, "data": rounded(warp(source, np.array(m), 6, 7))} for m in matrices]
print(json.dumps({"width": 11, "height": 9, "source": source.astype(int).ravel().tolist(), "resizes": resizes, "warps": warps}))
