"""Trains the reference network in PyTorch, for the benchmark alone: the same layers, losses and updates as TensorFace's step.

The first line of standard input is the work as JSON; every later line asks for something, and is answered by one line of JSON.
    run N      N steps: {"seconds", "cpuSeconds", "loss"}
    memory     {"peakBytes"}
"""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU, "hardSwish": nn.Hardswish, "gelu": nn.GELU, "sigmoid": nn.Sigmoid}


class Residual(nn.Module):
    def __init__(self, body, shortcut, activation):
        super().__init__()
        self.body, self.shortcut, self.activation = body, shortcut, activation

    def forward(self, x):
        return self.activation(self.body(x) + self.shortcut(x))


def build(layers, channels):
    """The modules of a list of layers as data, and the channels that come out."""
    modules = []
    for layer in layers:
        kind = layer["layer"]
        if kind == "conv":
            kernel = layer.get("kernel", 3)
            groups = layer.get("groups", 1)
            modules.append(nn.Conv2d(
                channels, layer["channels"], kernel, layer.get("stride", 1), layer.get("padding", kernel // 2),
                groups=channels if groups == "depthwise" else groups, bias=layer.get("bias", False)))
            channels = layer["channels"]
        elif kind == "batchNorm":
            norm = nn.BatchNorm2d(channels)
            nn.init.constant_(norm.weight, layer.get("initialScale", 1))
            modules.append(norm)
        elif kind == "activation":
            modules.append(ACTIVATIONS[layer["function"]]())
        elif kind == "residual":
            body, inside = build(layer["body"], channels)
            shortcut, _ = build(layer.get("shortcut", []), channels)
            after = ACTIVATIONS[layer["activation"]]() if "activation" in layer else nn.Identity()
            modules.append(Residual(body, shortcut, after))
            channels = inside
        elif kind == "globalPool":
            modules += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        elif kind == "dense":
            modules.append(nn.Linear(channels, layer["features"]))
            channels = layer["features"]
        else:
            raise ValueError(f"the benchmark does not build {kind}")
    return nn.Sequential(*modules), channels


def main():
    work = json.loads(sys.stdin.readline())
    torch.manual_seed(1)
    torch.set_num_threads(work["threads"])
    torch.set_flush_denormal(True)
    layout = torch.channels_last if work["channelsLast"] else torch.contiguous_format
    source = work["definition"]["input"]
    backbone, width = build(work["definition"]["backbone"], source["channels"])
    head, _ = build(work["definition"]["heads"][0]["layers"], width)
    net = nn.Sequential(backbone, head).to(memory_format=layout)
    parameters = list(net.parameters())
    average = [parameter.detach().clone() for parameter in parameters]
    decayed = [p for p in parameters if p.dim() > 1]
    spared = [p for p in parameters if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": spared, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-3, foreach=True)
    batch = work["batchSize"]
    shape = (batch, source["channels"], source["height"], source["width"])
    pictures = torch.randint(0, 256, shape, dtype=torch.uint8)
    classes = work["classes"]
    targets = torch.softmax(torch.randn(batch, classes), 1)

    def step():
        x = ((pictures.float() - 127.5) / 64).contiguous(memory_format=layout)
        logits = net(x)
        loss = -(targets * F.log_softmax(logits, 1)).sum() / batch
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5)
        optimiser.step()
        with torch.no_grad():
            torch._foreach_mul_(average, 0.998)
            torch._foreach_add_(average, parameters, alpha=0.002)
        return loss.item()

    print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads(), "parameters": sum(p.numel() for p in parameters)}), flush=True)
    for line in sys.stdin:
        name, *rest = line.split()
        if name == "run":
            start, cpu = time.perf_counter(), time.process_time()
            for _ in range(int(rest[0])):
                loss = step()
            answer = {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu, "loss": loss}
        else:
            answer = {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
        print(json.dumps(answer), flush=True)


main()
