"""The PyTorch side of the benchmark: the networks of models.ts, same weights, same data, driven by JSON lines as
deviceProcess.ts is.

Argument: the folder into which torch.ts wrote weights and batches. The first line printed says which BLAS library
the process has loaded, because Debian's PyTorch without libopenblas0-pthread is ten times slower and no yardstick.
"""

import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

folder = sys.argv[1]
torch.set_num_threads(int(sys.argv[2]))
with open(os.path.join(folder, "models.json"), encoding="utf-8") as file:
    MODELS = json.load(file)


def load(name, dtype):
    return np.fromfile(os.path.join(folder, name), dtype=dtype)


def conv(x, weight, bias, stride, padding):
    """'same' padding as TensorFlow defines it: the odd row goes to the bottom."""
    if padding == "valid":
        return F.conv2d(x, weight, bias, stride)
    kernel, size = weight.shape[2], x.shape[2]
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    before, after = total // 2, total - total // 2
    if before == after:
        return F.conv2d(x, weight, bias, stride, before)
    return F.conv2d(F.pad(x, (before, after, before, after)), weight, bias, stride)


def activate(x, name):
    return F.relu(x) if name == "relu" else x


def apply(layer, p, x):
    """One layer of a plan of src/core/models/modelPlan.ts, images as NCHW."""
    spec, path = layer["spec"], layer["path"]
    kind = spec["type"]
    if kind == "dense":
        return activate(torch.addmm(p[path + "/bias"], x, p[path + "/kernel"]), spec["activation"])
    if kind == "conv2d":
        y = conv(x, p[path + "/kernel"], p.get(path + "/bias"), spec["strides"], spec["padding"])
        return activate(y, spec["activation"])
    if kind == "batchNorm":
        statistics = p[path + "/runningMean"], p[path + "/runningVariance"]
        affine = p[path + "/gamma"], p[path + "/beta"]
        return F.batch_norm(x, *statistics, *affine, True, spec["momentum"], spec["epsilon"])
    if kind == "activation":
        return activate(x, spec["activation"])
    if kind == "maxPool2d":
        return F.max_pool2d(x, spec["poolSize"])
    if kind == "globalAveragePool":
        return x.mean((2, 3))
    if kind == "flatten":
        return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
    if kind == "residual":
        return activate(run(layer["body"], p, x) + run(layer["shortcut"], p, x), spec["activation"])
    raise ValueError(f"The benchmark has no PyTorch form of the layer {kind}.")


def run(layers, p, x):
    for layer in layers:
        x = apply(layer, p, x)
    return x


class Lpsgdm(torch.optim.Optimizer):
    """m = beta m + (1 - beta) g;  theta = (1 - lr wd) theta - lr m / (|m| + eps)^rho"""

    def __init__(self, params, lr, beta, eps, rho, wd):
        super().__init__(params, dict(lr=lr, beta=beta, eps=eps, rho=rho, wd=wd))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for theta in group["params"]:
                state = self.state[theta]
                if "m" not in state:
                    state["m"] = torch.zeros_like(theta)
                m = state["m"].mul_(group["beta"]).add_(theta.grad, alpha=1 - group["beta"])
                v = m / (m.abs() + group["eps"]).pow_(group["rho"])
                theta.mul_(1 - group["lr"] * group["wd"]).add_(v, alpha=-group["lr"])


def optimizer(name, params):
    """The numbers are those of updates.ts."""
    if name == "sgdm":
        return torch.optim.SGD(params, lr=0.01, momentum=0.9)
    if name == "adamw":
        return torch.optim.AdamW(params, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    return Lpsgdm(params, lr=0.001, beta=0.9, eps=1e-8, rho=0.7, wd=0.01)


class Training:
    def __init__(self, model, name):
        spec = MODELS[model]
        self.layers = spec["layers"]
        self.variables = {}
        for variable in spec["variables"]:
            array = torch.from_numpy(load(variable["file"], "<f4").reshape(variable["shape"]).copy())
            if array.dim() == 4:
                array = array.permute(3, 2, 0, 1).contiguous()
            self.variables[variable["name"]] = array.requires_grad_(variable["trainable"])
        self.data = []
        for index in range(spec["batches"]):
            shape = [spec["batchSize"]] + spec["inputShape"]
            x = torch.from_numpy(load(f"{model}.x{index}.bin", "<f4").reshape(shape).copy())
            if x.dim() == 4:
                x = x.permute(0, 3, 1, 2).contiguous()
            self.data.append((x, torch.from_numpy(load(f"{model}.y{index}.bin", "<i4").astype("i8"))))
        self.optimizer = optimizer(name, [each for each in self.variables.values() if each.requires_grad])
        self.count = 0

    def step(self):
        x, y = self.data[self.count % len(self.data)]
        self.count += 1
        self.optimizer.zero_grad()
        loss = F.cross_entropy(run(self.layers, self.variables, x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class BareUpdate:
    """One optimizer step on one weight vector, without a network."""

    def __init__(self, size, name):
        generator = torch.Generator().manual_seed(1)
        weight = torch.randn(size, generator=generator).requires_grad_()
        weight.grad = torch.randn(size, generator=generator)
        self.optimizer = optimizer(name, [weight])

    def step(self):
        self.optimizer.step()
        return 0.0


def blas_libraries():
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps", encoding="utf-8") as file:
        paths = {line.split()[-1] for line in file if "/" in line}
    return sorted(path for path in paths if "blas" in os.path.basename(path) or "mkl" in os.path.basename(path))


print(
    json.dumps({"ready": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "blas": blas_libraries()}),
    flush=True,
)
class Copy:
    def __init__(self, size):
        self.source, self.target = torch.randn(size), torch.empty(size)

    def step(self):
        self.target.copy_(self.source)
        return 0.0


def start(request):
    if "copy" in request:
        return Copy(request["copy"])
    if "size" in request:
        return BareUpdate(request["size"], request["optimizer"])
    return Training(request["model"], request["optimizer"])


works = {}
for line in sys.stdin:
    request = json.loads(line)
    steps = request.pop("steps")
    key = json.dumps(request)
    if key not in works:
        works[key] = start(request)
    milliseconds, losses = [], []
    before = time.process_time()
    for _ in range(steps):
        started = time.perf_counter()
        losses.append(works[key].step())
        milliseconds.append((time.perf_counter() - started) * 1e3)
    cpu = (time.process_time() - before) * 1e3 / steps
    print(json.dumps({"ms": milliseconds, "cpuMs": cpu, "losses": losses}), flush=True)
