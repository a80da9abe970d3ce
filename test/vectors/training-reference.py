"""Writes training-reference.json: three training steps of a small network, computed by PyTorch.

Run with a Python that has torch (Debian: python3-torch): python3 training-reference.py
The network, the losses and the numbers that both sides start from are those of training-reference.test.ts.
"""
import json
import math
import os

import torch
import torch.nn.functional as F

BATCH, SIZE, CLASSES, STEPS = 4, 8, 11, 3
LEARNING_RATE, CLIP, AVERAGE = 0.02, 1.5, 0.9

# Name, shape and kind of every parameter, in the order of the layers.
PARAMETERS = [
    ("stem.conv", (8, 3, 3, 3), "weight"), ("stem.scale", (8,), "scale"), ("stem.bias", (8,), "bias"), ("stem.slope", (8, 1, 1), "slope"),
    ("body.conv1", (16, 8, 3, 3), "weight"), ("body.scale1", (16,), "scale"), ("body.bias1", (16,), "bias"),
    ("body.conv2", (16, 16, 3, 3), "weight"), ("body.scale2", (16,), "scale"), ("body.bias2", (16,), "bias"),
    ("squeeze.weight", (4, 16), "weight"), ("squeeze.bias", (4,), "bias"),
    ("excite.weight", (16, 4), "weight"), ("excite.bias", (16,), "bias"),
    ("shortcut.conv", (16, 8, 1, 1), "weight"), ("shortcut.scale", (16,), "scale"), ("shortcut.bias", (16,), "bias"),
    ("depthwise.conv", (16, 1, 3, 3), "weight"), ("depthwise.scale", (16,), "scale"), ("depthwise.bias", (16,), "bias"),
    ("point.conv", (24, 16, 1, 1), "weight"), ("point.bias", (24,), "bias"),
    ("age.weight", (CLASSES, 24), "weight"), ("age.bias", (CLASSES,), "bias"),
    ("gender.weight", (1, 24), "weight"), ("gender.bias", (1,), "bias"),
]
FILL = {"weight": lambda x: 0.3 * x, "scale": lambda x: 1 + 0.1 * x, "bias": lambda x: 0.1 * x, "slope": lambda x: 0.25 + 0.1 * x}


def start():
    values = []
    for index, (_, shape, kind) in enumerate(PARAMETERS):
        count = math.prod(shape)
        wave = torch.tensor([math.sin(0.7 * i + index) for i in range(count)], dtype=torch.float64)
        values.append(FILL[kind](wave).float().reshape(shape).requires_grad_(True))
    return values


def batch(step):
    count = BATCH * 3 * SIZE * SIZE
    pictures = torch.tensor([(i * i * 7 + i * 31 + step * 101) % 256 for i in range(count)], dtype=torch.float32)
    votes = torch.tensor([[1 + math.sin(n + 2 * k + step) for k in range(CLASSES)] for n in range(BATCH)])
    soft = votes / votes.sum(1, keepdim=True)
    low = [(3 * n + step) % 7 for n in range(BATCH)]
    group = torch.tensor([[1.0 if low[n] <= k <= low[n] + 3 else 0.0 for k in range(CLASSES)] for n in range(BATCH)])
    years = torch.tensor([(2.5 * n + step) % 10 for n in range(BATCH)])
    gender = torch.tensor([[float((n + step) % 2)] for n in range(BATCH)])
    return (pictures.reshape(BATCH, 3, SIZE, SIZE) - 120) / 60, soft, group, years, gender


WEIGHTS = {"age": [1, 0.5, 1, 0], "group": [0, 1, 1, 2], "years": [1, 1, 0, 1], "teacher": [1, 1, 1, 1], "gender": [1, 0, 1, 1]}
CLASS_WEIGHTS = torch.tensor([0.5 + 0.1 * k for k in range(CLASSES)])


def forward(p, x, running):
    state = {"norm": 0}

    def norm(value, scale, bias):
        mean, variance = running[state["norm"]]
        state["norm"] += 1
        return F.batch_norm(value, mean, variance, scale, bias, training=True, momentum=0.1, eps=1e-5)

    y = F.prelu(norm(F.conv2d(x, p[0], padding=1), p[1], p[2]), p[3].reshape(-1))
    z = F.relu(norm(F.conv2d(y, p[4], stride=2, padding=1), p[5], p[6]))
    z = norm(F.conv2d(z, p[7], padding=1), p[8], p[9])
    gate = torch.sigmoid(F.linear(F.relu(F.linear(z.mean((2, 3)), p[10], p[11])), p[12], p[13]))
    z = F.relu(z * gate[:, :, None, None] + norm(F.conv2d(y, p[14], stride=2), p[15], p[16]))
    z = F.hardswish(norm(F.conv2d(z, p[17], padding=1, groups=16), p[18], p[19]))
    z = F.silu(F.conv2d(F.max_pool2d(z, 2), p[20], p[21]))
    z = z.mean((2, 3))
    return F.linear(z, p[22], p[23]), F.linear(z, p[24], p[25])


def losses(age, gender, soft, group, years, gender_target):
    smooth = soft * 0.9 + 0.1 / CLASSES
    terms = {
        "age": -(smooth * CLASS_WEIGHTS * F.log_softmax(age, 1)).sum(1),
        "group": -torch.log((group * F.softmax(age, 1)).sum(1)),
        "years": ((F.softmax(age, 1) * torch.arange(CLASSES)).sum(1) - years).abs(),
        "teacher": -4 * (soft * F.log_softmax(age / 2, 1)).sum(1),
        "gender": F.binary_cross_entropy_with_logits(gender, gender_target, reduction="none").sum(1),
    }
    means, total = {}, 0
    scales = {"age": 1, "group": 0.5, "years": 0.1, "teacher": 0.25, "gender": 1}
    for name, values in terms.items():
        weights = torch.tensor(WEIGHTS[name], dtype=torch.float32)
        means[name] = ((values * weights).sum() / weights.sum()).item()
        total = total + scales[name] * (values * weights).sum() / BATCH
    return total, means


def train(make_optimiser):
    parameters = start()
    running = [(torch.zeros(c), torch.ones(c)) for c in (8, 16, 16, 16, 16)]
    decayed = [p for p, (_, _, kind) in zip(parameters, PARAMETERS) if kind == "weight"]
    spared = [p for p, (_, _, kind) in zip(parameters, PARAMETERS) if kind != "weight"]
    optimiser = make_optimiser(decayed, spared)
    average = [p.detach().clone() for p in parameters]
    rows = []
    for step in range(STEPS):
        x, *targets = batch(step)
        age, gender = forward(parameters, x, running)
        total, means = losses(age, gender, *targets)
        optimiser.zero_grad()
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        optimiser.step()
        decay = min(AVERAGE, (1 + step) / (10 + step))
        average = [a * decay + p.detach() * (1 - decay) for a, p in zip(average, parameters)]
        rows.append({"loss": total.item(), "losses": means, "gradientNorm": norm.item()})
    numbers = lambda tensors: [[round(v, 5) for v in t.detach().flatten().tolist()] for t in tensors]
    return {
        "steps": rows,
        "parameters": numbers(parameters),
        "averages": numbers(average),
        "statistics": numbers([t for pair in running for t in pair]),
    }


def sgd(decayed, spared):
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": spared, "weight_decay": 0}]
    return torch.optim.SGD(groups, lr=LEARNING_RATE, momentum=0.9, nesterov=True)


def adamw(decayed, spared):
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": spared, "weight_decay": 0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8)


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training-reference.json")
    result = {"torch": torch.__version__, "sgd": train(sgd), "adamw": train(adamw)}
    with open(path, "w") as file:
        json.dump(result, file, separators=(",", ":"))
    print(path, os.path.getsize(path), result["sgd"]["steps"], result["adamw"]["steps"])
