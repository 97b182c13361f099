"""Losses of the training step that every device is examined with, in float64, by PyTorch.

Run: /usr/bin/python3 test/golden/devices/make.py > test/golden/devices/losses.json
The network, its numbers and its optimizer are those of src/worker/probe/checkStep.ts.
"""
import json
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
BATCH, SIZE, CHANNELS, FILTERS, CLASSES = 5, 6, 2, 4, 10
LEARNING_RATE, BETA, EPSILON, RHO, DECAY = 0.05, 0.9, 1e-8, 0.5, 0.01


def wave(shape, seed, scale):
    """float32 numbers, as the device gets them."""
    count = int(np.prod(shape))
    values = np.sin(1.7 * np.arange(count) + seed) * scale
    return torch.tensor(values.astype(np.float32).astype(np.float64).reshape(shape))


x = wave((BATCH, SIZE, SIZE, CHANNELS), 0.1, 1.0)
labels = torch.tensor([(row * 3) % CLASSES for row in range(BATCH)])
weights = [
    wave((3, 3, CHANNELS, FILTERS), 1.0, 0.4),
    wave((FILTERS,), 2.0, 0.4),
    wave((3 * 3 * FILTERS, CLASSES), 3.0, 0.4),
    wave((CLASSES,), 4.0, 0.4),
]
for weight in weights:
    weight.requires_grad_(True)
averages = [torch.zeros_like(weight) for weight in weights]
losses = []
for step in range(4):
    kernel, bias, dense, dense_bias = weights
    hidden = torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), bias, padding=1)
    pooled = torch.nn.functional.max_pool2d(torch.relu(hidden), 2)
    logits = pooled.permute(0, 2, 3, 1).reshape(BATCH, -1) @ dense + dense_bias
    loss = torch.nn.functional.cross_entropy(logits, labels)
    losses.append(loss.item())
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        for weight, average, gradient in zip(weights, averages, gradients):
            average.mul_(BETA).add_(gradient, alpha=1 - BETA)
            direction = average / (average.abs() + EPSILON) ** RHO
            weight.copy_((1 - LEARNING_RATE * DECAY) * weight - LEARNING_RATE * direction)
print(json.dumps(losses))
