"""Augmented images by NumPy, PyTorch and Pillow, for test/worker/data/augmentImage.test.ts.

/usr/bin/python3 test/golden/augmentation/make.py writes golden.json beside this file.
"""

import json
import pathlib

import numpy as np
import torch
from PIL import Image, ImageEnhance

random = np.random.default_rng(20260602)
height, width = 7, 9
image = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
grey = random.integers(0, 256, (height, width, 1), dtype=np.uint8)
mean = np.array([0.4914, 0.4822, 0.4465])
deviation = np.array([0.2470, 0.2435, 0.2616])


def normalized(pixels):
    return (pixels.astype(np.float64) / 255 - mean) / deviation


def padded_crop(pixels, padding, shift_y, shift_x, flip):
    """Zeros all around, a window cut out, and mirrored: as torchvision's RandomCrop and RandomHorizontalFlip do."""
    wide = np.pad(pixels, ((padding, padding), (padding, padding), (0, 0)))
    top, left = padding + shift_y, padding + shift_x
    window = wide[top : top + height, left : left + width]
    return window[:, ::-1] if flip else window


def stretched(pixels, top, left, h, w):
    part = torch.tensor(pixels[top : top + h, left : left + w].astype(np.float64)).permute(2, 0, 1)[None]
    out = torch.nn.functional.interpolate(part, (height, width), mode="bilinear", align_corners=False)
    return out[0].permute(1, 2, 0).numpy()


def cut_out(pixels, top, left, side):
    out = pixels.copy()
    out[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)] = 0
    return out


def rows(array):
    return np.asarray(array).reshape(-1).tolist()


moves = [(3, shift_y, shift_x, flip) for shift_y, shift_x in [(0, 0), (3, -3), (-2, 1), (1, 3)] for flip in (False, True)]
boxes = [(0, 0, height, width), (1, 2, 4, 5), (3, 4, 1, 1), (0, 3, 7, 2)]
holes = [(-2, -1, 4), (2, 3, 3), (5, 7, 6)]
colors = []
for name, enhancer in [
    ("brightness", ImageEnhance.Brightness),
    ("contrast", ImageEnhance.Contrast),
    ("saturation", ImageEnhance.Color),
]:
    for factor in (0.6, 1.3):
        colors.append(
            {
                "kind": name,
                "factor": factor,
                "pixels": rows(np.asarray(enhancer(Image.fromarray(image)).enhance(factor))),
            }
        )

golden = {
    "height": height,
    "width": width,
    "mean": mean.tolist(),
    "deviation": deviation.tolist(),
    "image": rows(image),
    "grey": rows(grey),
    "moved": [
        {
            "shiftY": shift_y,
            "shiftX": shift_x,
            "isFlipped": flip,
            "grey": rows(padded_crop(grey, padding, shift_y, shift_x, flip)),
            "normalized": rows(normalized(padded_crop(image, padding, shift_y, shift_x, flip))),
        }
        for padding, shift_y, shift_x, flip in moves
    ],
    "stretched": [
        {"top": t, "left": l, "height": h, "width": w, "pixels": rows(stretched(image, t, l, h, w))}
        for t, l, h, w in boxes
    ],
    "cutOut": [
        {"top": t, "left": l, "side": side, "pixels": rows(cut_out(image, t, l, side))} for t, l, side in holes
    ],
    "colors": colors,
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
