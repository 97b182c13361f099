"""The PyTorch side of the benchmark: the networks of models.ts, same weights, same data, driven by JSON lines.

Argument: the folder into which backends.ts wrote weights and batches. The first line printed says which BLAS library
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


def batch_norm(x, gamma, beta):
    return F.batch_norm(x, None, None, gamma, beta, True, 0.1, 1e-5)


def conv(x, weight, stride=1):
    """'same' padding as TensorFlow defines it: the odd row goes to the bottom."""
    kernel, size = weight.shape[2], x.shape[2]
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    before, after = total // 2, total - total // 2
    if before == after:
        return F.conv2d(x, weight, stride=stride, padding=before)
    return F.conv2d(F.pad(x, (before, after, before, after)), weight, stride=stride)


def mlp(p, x):
    hidden = F.relu(x @ p["w1"] + p["b1"])
    hidden = F.relu(hidden @ p["w2"] + p["b2"])
    return hidden @ p["w3"] + p["b3"]


def cnn(p, x):
    hidden = F.max_pool2d(F.relu(conv(x, p["c1"]) + p["b1"].view(1, -1, 1, 1)), 2)
    hidden = F.max_pool2d(F.relu(conv(hidden, p["c2"]) + p["b2"].view(1, -1, 1, 1)), 2)
    return hidden.permute(0, 2, 3, 1).reshape(x.shape[0], -1) @ p["w3"] + p["b3"]


def residual(p, x):
    def norm(h, i):
        return batch_norm(h, p[f"gamma{i}"], p[f"beta{i}"])

    stem = F.relu(norm(conv(x, p["c0"]), 0))
    inner = F.relu(norm(conv(stem, p["c1"]), 1))
    block = F.relu(stem + norm(conv(inner, p["c2"]), 2))
    inner = F.relu(norm(conv(block, p["c3"], 2), 3))
    shortcut = norm(conv(block, p["c5"], 2), 5)
    block = F.relu(shortcut + norm(conv(inner, p["c4"]), 4))
    return block.mean((2, 3)) @ p["w6"] + p["b6"]


FORWARD = {"mlp": mlp, "cnn": cnn, "residual": residual}


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


def optimizer(name, params, hyper):
    if name == "sgdm":
        return torch.optim.SGD(params, lr=hyper["learningRate"], momentum=hyper["beta"])
    if name == "adamw":
        return torch.optim.AdamW(
            params,
            lr=hyper["learningRate"],
            betas=(hyper["beta1"], hyper["beta2"]),
            eps=hyper["epsilon"],
            weight_decay=hyper["weightDecay"],
        )
    return Lpsgdm(
        params, hyper["learningRate"], hyper["beta"], hyper["epsilon"], hyper["rho"], hyper["weightDecay"]
    )


class Training:
    def __init__(self, model, name, hyper):
        spec = MODELS[model]
        self.forward = FORWARD[model]
        self.weights = {}
        for key, shape in spec["parameters"]:
            array = torch.from_numpy(load(f"{model}.{key}.bin", "<f4").reshape(shape).copy())
            if array.dim() == 4:
                array = array.permute(3, 2, 0, 1).contiguous()
            self.weights[key] = array.requires_grad_()
        self.data = []
        for index in range(spec["batches"]):
            shape = [spec["batchSize"]] + spec["inputShape"]
            x = torch.from_numpy(load(f"{model}.x{index}.bin", "<f4").reshape(shape).copy())
            if x.dim() == 4:
                x = x.permute(0, 3, 1, 2).contiguous()
            self.data.append((x, torch.from_numpy(load(f"{model}.y{index}.bin", "<i4").astype("i8"))))
        self.optimizer = optimizer(name, list(self.weights.values()), hyper)
        self.count = 0

    def step(self):
        x, y = self.data[self.count % len(self.data)]
        self.count += 1
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.forward(self.weights, x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class BareUpdate:
    """One optimizer step on one weight vector, without a network."""

    def __init__(self, size, name, hyper):
        generator = torch.Generator().manual_seed(1)
        weight = torch.randn(size, generator=generator).requires_grad_()
        weight.grad = torch.randn(size, generator=generator)
        self.optimizer = optimizer(name, [weight], hyper)

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
trainings = {}
for line in sys.stdin:
    request = json.loads(line)
    key = json.dumps([request.get("model"), request.get("size"), request["optimizer"]])
    if key not in trainings:
        args = (request["optimizer"], request["hyper"])
        trainings[key] = (
            BareUpdate(request["size"], *args) if "size" in request else Training(request["model"], *args)
        )
    milliseconds, losses = [], []
    for _ in range(request["steps"]):
        started = time.perf_counter()
        losses.append(trainings[key].step())
        milliseconds.append((time.perf_counter() - started) * 1e3)
    print(json.dumps({"ms": milliseconds, "losses": losses}), flush=True)
