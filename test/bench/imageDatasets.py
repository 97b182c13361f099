"""Images to import, and the same work by Pillow and NumPy, for test/bench/imageDatasets.ts.

python3 imageDatasets.py make FOLDER IMAGES: FOLDER/cifar.tar.gz (random pixels in the layout of CIFAR-10, a fifth of
IMAGES in each of its six files), FOLDER/few.tar.gz (the same with 720 images) and FOLDER/png (IMAGES files of 32 x 32 in ten folders).
python3 imageDatasets.py pillow FOLDER, or numpy FOLDER: reads them into arrays and saves those; prints seconds and
the greatest memory in bytes as JSON.
"""

import io
import json
import os
import pathlib
import resource
import sys
import tarfile
import time

import numpy as np
from PIL import Image


def cifar(file, images_each, random):
    with tarfile.open(file, "w:gz", compresslevel=1) as tar:
        for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
            records = random.integers(0, 256, (images_each, 3_073), dtype=np.uint8)
            records[:, 0] %= 10
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = records.size
            tar.addfile(info, io.BytesIO(records.tobytes()))


def make(folder, images):
    random = np.random.default_rng(1)
    cifar(folder / "cifar.tar.gz", images // 5, random)
    cifar(folder / "few.tar.gz", 120, random)
    for label in range(10):
        (folder / "png" / f"class{label}").mkdir(parents=True)
    for i in range(images):
        # smooth as photographs are, so that they are packed as those are
        small = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((32, 32), Image.Resampling.BICUBIC)
        image.save(folder / "png" / f"class{i % 10}" / f"{i:05}.png")


def pillow(folder):
    files = sorted((folder / "png").glob("*/*.png"))
    x = np.empty((len(files), 32, 32, 3), np.uint8)
    for i, file in enumerate(files):
        with Image.open(file) as image:
            x[i] = np.asarray(image.convert("RGB"))
    np.save(folder / "pillow.npy", x)


def numpy(folder):
    parts = []
    with tarfile.open(folder / "cifar.tar.gz") as tar:
        for entry in tar:
            records = np.frombuffer(tar.extractfile(entry).read(), np.uint8).reshape(-1, 3_073)
            parts.append(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    np.save(folder / "numpy.npy", np.concatenate(parts))


what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if what == "make":
    make(folder, int(sys.argv[3]))
else:
    start, cpu = time.perf_counter(), time.process_time()
    {"pillow": pillow, "numpy": numpy}[what](folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu}
    print(json.dumps({**seconds, "peakBytes": usage.ru_maxrss * 1024}))
