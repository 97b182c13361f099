"""What PyTorch computes for VGG-11 with batch norm and ResNet-18 over 32x32 images: golden.json beside this file.

    python3 make.py        (PyTorch and NumPy, on the CPU; some minutes)

Nothing here comes from this project's code. Weights and batches are made by a hash that both sides know (`uniform`), so
that no weights have to be kept. Tensors are numbered in the order of the network: for each layer kernel, bias, gamma,
beta; in a residual block the body before the shortcut. Kernels are filled as [height, width, inputs, outputs].

One batch: logits, loss, gradients and running statistics in float64, of each tensor its norm and 16 numbers. One ReLU of
a million whose input lies within rounding of 0 changes every gradient before it by a percent, so that PyTorch's float32
does not agree with its own float64 either. Hence the batch is, of sixty, the one whose ReLU inputs stay farthest from 0
(`margin`), and it is checked that float32 then agrees.

Ten steps of ResNet-18: losses in float32, PyTorch's default, and the loss in evaluation mode after them. SGD and AdamW are
those of torch.optim; LPSGDM is algorithm 2 of arXiv:2606.02078, written out. The learning rates are those of an early
warm-up: from weights as fresh as these, ten steps amplify rounding. At these rates a change of 3e-7 of every weight moves
PyTorch's own losses by less than 3e-4; how far it moves them at larger rates was not measured.
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch
from torch import nn

CLASSES = 10
SHAPE = (32, 32, 3)


def uniform(seed, count):
    """[-1, 1): the finaliser of MurmurHash3 over a counter, scaled."""
    mask = np.uint64(0xFFFFFFFF)
    h = (np.arange(count, dtype=np.uint64) + np.uint64(seed * 0x9E3779B1 & 0xFFFFFFFF)) & mask
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h ^= h >> np.uint64(shift)
        h = (h * np.uint64(factor)) & mask
    h ^= h >> np.uint64(16)
    return h.astype(np.float64) / 2**31 - 1


def batch(step, rows, dtype):
    """Images of variance 1 and their classes."""
    size = math.prod(SHAPE)
    x = (math.sqrt(3) * uniform(100_000 + step, rows * size)).astype(np.float32).reshape(rows, *SHAPE)
    y = np.floor((uniform(200_000 + step, rows) + 1) / 2 * CLASSES).astype(np.int64)
    return torch.tensor(x.transpose(0, 3, 1, 2).copy(), dtype=dtype), torch.tensor(y)


class Block(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu2 = nn.ReLU()
        self.shortcut = nn.Identity()
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        y = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(y)) + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    channels_in = 64
    for channels, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(channels_in, channels, stride), Block(channels, channels, 1)]
        channels_in = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


def vgg11():
    layers = []
    channels_in = 3
    for step in (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"):
        if step == "pool":
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(channels_in, step, 3, padding=1), nn.BatchNorm2d(step), nn.ReLU()]
        channels_in = step
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, CLASSES))


def to_torch(values, shape):
    """From [height, width, inputs, outputs] or [inputs, outputs] to PyTorch's order."""
    array = values.reshape(shape)
    return array.transpose(3, 2, 0, 1) if len(shape) == 4 else array.T if len(shape) == 2 else array


def from_torch(tensor):
    array = tensor.detach().double().numpy()
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T if array.ndim == 2 else array


def fill(model):
    for index, (name, parameter) in enumerate(model.named_parameters()):
        shape = from_torch(parameter).shape
        values = uniform(index, parameter.numel())
        if len(shape) > 1:
            values *= math.sqrt(6 / math.prod(shape[:-1]))
        else:
            is_gamma = name.endswith("weight")
            values = is_gamma + 0.1 * values
        values = values.astype(np.float32)
        with torch.no_grad():
            parameter.copy_(torch.tensor(to_torch(values, shape).copy()))


def summary(tensor):
    """Norm, and 16 numbers spread evenly over the tensor in this project's order."""
    flat = from_torch(tensor).reshape(-1)
    places = np.arange(16) * len(flat) // 16
    return {"norm": rounded(np.linalg.norm(flat)), "values": [rounded(v) for v in flat[places]]}


def rounded(value):
    return float(f"{float(value):.9g}")


def statistics(model):
    return [summary(b) for name, b in model.named_buffers() if "running" in name]


def margin(create, rows, seed):
    """The smallest size of any input of a ReLU."""
    model = create().double()
    fill(model)
    smallest = math.inf

    def look(_, inputs):
        nonlocal smallest
        smallest = min(smallest, inputs[0].abs().min().item())

    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_pre_hook(look)
    with torch.no_grad():
        model(batch(seed, rows, torch.float64)[0])
    return smallest


def one_batch(create, rows=2, candidates=60):
    margins = [margin(create, rows, seed) for seed in range(candidates)]
    seed = int(np.argmax(margins))
    result = {"rows": rows, "seed": seed, "margin": rounded(margins[seed])}
    result |= computed(create, rows, seed, torch.float64)
    single = computed(create, rows, seed, torch.float32)
    largest = max(g["norm"] for g in result["gradients"])
    for exact, own in zip(result["gradients"], single["gradients"]):
        # a bias before a batch norm has no gradient but rounding
        scale = max(exact["norm"], 1e-3 * largest)
        assert abs(exact["norm"] - own["norm"]) < 3e-5 * scale
    return result


def computed(create, rows, seed, dtype):
    model = create().to(dtype)
    fill(model)
    x, y = batch(seed, rows, dtype)
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, y)
    loss.backward()
    result = {
        "parameterCount": sum(p.numel() for p in model.parameters()),
        "loss": rounded(loss),
        "logits": [rounded(v) for v in logits.detach().double().numpy().reshape(-1)],
        "gradients": [summary(p.grad) for p in model.parameters()],
        "statistics": statistics(model),
    }
    model.eval()
    with torch.no_grad():
        result["evaluationLoss"] = rounded(nn.functional.cross_entropy(model(x), y))
    return result


class LPSGDM:
    """m = beta m + (1 - beta) g; v = m / (|m| + eps)^rho; theta = (1 - lr wd) theta - lr v"""

    def __init__(self, parameters, lr, weight_decay, beta, eps, rho):
        self.parameters = list(parameters)
        self.momenta = [torch.zeros_like(p) for p in self.parameters]
        self.lr, self.weight_decay, self.beta, self.eps, self.rho = lr, weight_decay, beta, eps, rho

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p, m in zip(self.parameters, self.momenta):
            m.mul_(self.beta).add_(p.grad, alpha=1 - self.beta)
            v = m / (m.abs() + self.eps) ** self.rho
            p.mul_(1 - self.lr * self.weight_decay).sub_(v, alpha=self.lr)


OPTIMIZERS = {
    "lpsgdm": (
        {"learningRate": 1e-4, "weightDecay": 1e-2, "beta": 0.9, "epsilon": 1e-8, "rho": 0.8},
        lambda p, h: LPSGDM(p, h["learningRate"], h["weightDecay"], h["beta"], h["epsilon"], h["rho"]),
    ),
    "sgdm": (
        {"learningRate": 1e-3, "weightDecay": 1e-3, "beta": 0.9},
        lambda p, h: torch.optim.SGD(p, h["learningRate"], h["beta"], weight_decay=h["weightDecay"]),
    ),
    "adamw": (
        {"learningRate": 1e-4, "weightDecay": 0.1, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        lambda p, h: torch.optim.AdamW(
            p, h["learningRate"], (h["beta1"], h["beta2"]), h["epsilon"], h["weightDecay"]
        ),
    ),
}


def training(id, rows=32, steps=10, dtype=torch.float32):
    hyper, create = OPTIMIZERS[id]
    model = resnet18().to(dtype)
    fill(model)
    optimizer = create(model.parameters(), hyper)
    losses = []
    for step in range(1, steps + 1):
        x, y = batch(step, rows, dtype)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(rounded(loss))
        print(id, step, losses[-1], file=sys.stderr, flush=True)
    model.eval()
    x, y = batch(0, rows, dtype)
    with torch.no_grad():
        evaluation = rounded(nn.functional.cross_entropy(model(x), y))
    return {"hyperparameters": hyper, "rows": rows, "losses": losses, "evaluationLoss": evaluation}


if __name__ == "__main__":
    golden = {
        "torch": torch.__version__,
        "uniform": [rounded(v) for v in uniform(7, 4)],
        "oneBatch": {"vgg11": one_batch(vgg11), "resnet18": one_batch(resnet18)},
        "training": {id: training(id) for id in OPTIMIZERS},
    }
    pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(golden) + "\n")
