"""Images by Pillow, CIFAR archives by Python's pickle, and the numbers that Pillow, NumPy and pickle read in them.

/usr/bin/python3 test/golden/images/make.py writes everything beside this file. Nothing in it comes from a data set:
pixels follow formulas.
"""

import io
import json
import os
import pathlib
import pickle
import struct
import tarfile
import zipfile

import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent
height, width = 5, 7
rows, columns = np.mgrid[0:height, 0:width]
rgb = np.stack([rows * 50 + columns, columns * 36, (rows * 31 + columns * 17) % 256], axis=2).astype(np.uint8)
grey = (rows * 40 + columns * 9).astype(np.uint8)
alpha = np.concatenate([rgb, (rows * 60).astype(np.uint8)[:, :, None]], axis=2)
deep = (rows * 9000 + columns * 777 + 5).astype(np.uint16)
expected = {}


def keep(name, pixels, tolerance=0):
    pixels = np.asarray(pixels)
    expected[name] = {
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "channels": 1 if pixels.ndim == 2 else 3,
        "tolerance": tolerance,
        "pixels": pixels.reshape(-1).tolist(),
    }


def save(name, image, tolerance=0, pixels=None, **options):
    image.save(here / name, **options)
    with Image.open(here / name) as read:
        mode = "L" if read.mode in ("L", "1", "LA") else "RGB"
        keep(name, np.asarray(read.convert(mode)) if pixels is None else pixels, tolerance)


colour = Image.fromarray(rgb)
save("rgb.png", colour)
save("grey.png", Image.fromarray(grey))
save("alpha.png", Image.fromarray(alpha))
save("grey-alpha.png", Image.fromarray(np.stack([grey, alpha[:, :, 3]], axis=2), "LA"))
save("palette.png", colour.quantize(16))
save("bits.png", Image.fromarray(grey > 90))
save("deep.png", Image.fromarray(deep), pixels=(deep >> 8).astype(np.uint8))
save("rgb.jpg", colour, 6, quality=95, subsampling=0)
save("grey.jpg", Image.fromarray(grey), 3, quality=95)
exif = Image.Exif()
exif[0x0112] = 6
save("turned.jpg", colour, 6, pixels=np.rot90(rgb, -1), quality=95, subsampling=0, exif=exif)
save("rgb.webp", colour, lossless=True)
save("rgb.bmp", colour)
save("grey.bmp", Image.fromarray(grey))
save("palette.bmp", colour.quantize(16))
save("bits.bmp", Image.fromarray(grey > 90))
save("alpha.bmp", Image.fromarray(alpha))
save("rgb.tif", colour)
save("lzw.tif", colour, compression="tiff_lzw")
save("deep.tif", Image.fromarray(deep), pixels=(deep >> 8).astype(np.uint8))
save("moving.gif", colour.quantize(16), save_all=True, append_images=[Image.fromarray(255 - rgb).quantize(16)])
# naive ink: what no profile describes is the complement of the inks times the complement of black
ink = np.concatenate([255 - rgb, np.zeros((height, width, 1), np.uint8)], axis=2)
save("cmyk.jpg", Image.fromarray(ink, "CMYK"), 4, quality=95)

# run-length coding, which Pillow reads and does not write
indices = Image.open(here / "palette.bmp")
palette = (here / "palette.bmp").read_bytes()[54:118]
coded = b""
for row in np.asarray(indices)[::-1]:
    line = row.tolist()
    coded += bytes([2, line[0]]) if line[0] == line[1] else bytes([1, line[0], 1, line[1]])
    coded += bytes([0, 5]) + bytes(line[2:]) + b"\0" + b"\0\0"
coded += b"\0\1"
head = struct.pack("<2sIHHI", b"BM", 54 + 64 + len(coded), 0, 0, 54 + 64)
info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(coded), 0, 0, 16, 0)
(here / "runs.bmp").write_bytes(head + info + palette + coded)
keep("runs.bmp", np.asarray(Image.open(here / "runs.bmp").convert("RGB")))

# 16 bits a pixel: 5 bits of blue, 6 of green, 5 of red
packed = (rgb[:, :, 0].astype(int) >> 3 << 11) | (rgb[:, :, 1].astype(int) >> 2 << 5) | (rgb[:, :, 2].astype(int) >> 3)
line = b"".join(row.astype("<u2").tobytes() + b"\0\0" for row in packed[::-1])
head = struct.pack("<2sIHHI", b"BM", 66 + len(line), 0, 0, 66)
info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 16, 3, len(line), 0, 0, 0, 0)
(here / "565.bmp").write_bytes(head + info + struct.pack("<III", 0xF800, 0x07E0, 0x001F) + line)
keep("565.bmp", np.asarray(Image.open(here / "565.bmp").convert("RGB")))

# what other sizes and channels become: grey by Pillow
keep("rgb.png as grey", np.asarray(colour.convert("L")))

# CIFAR: formulas instead of photographs
count = 6


def planes(batch):
    i = np.arange(count * 3072, dtype=np.int64)
    return ((i * 37 + batch * 101 + i // 3072 * 13) % 256).astype(np.uint8).reshape(count, 3072)


def labels(batch, classes):
    return [(batch * 3 + i * 7) % classes for i in range(count)]


def long_string(data):
    return b"T" + struct.pack("<I", len(data)) + data


def short_string(data):
    return b"U" + bytes([len(data)]) + data


def old_pickle(items):
    """What Python 2 writes by protocol 2: texts and pixels alike are strings of bytes."""
    out = b"\x80\x02}q\x01("
    for key, value in items:
        out += short_string(key)
        if isinstance(value, np.ndarray):
            out += b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85U\x01b\x87Rq\x04(K\x01"
            out += b"M" + struct.pack("<H", value.shape[0]) + b"M" + struct.pack("<H", value.shape[1]) + b"\x86"
            out += b"cnumpy\ndtype\nq\x05U\x02u1K\x00K\x01\x87Rq\x06(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
            out += b"\x89" + long_string(value.tobytes()) + b"tb"
        elif isinstance(value, list):
            out += b"]q\x07("
            out += b"".join(short_string(v) if isinstance(v, bytes) else b"K" + bytes([v]) for v in value)
            out += b"e"
        else:
            out += short_string(value) if isinstance(value, bytes) else b"K" + bytes([value])
    return out + b"u."


def check(data, items):
    read = pickle.loads(data, encoding="bytes")
    for key, value in items:
        assert np.array_equal(read[key], value), key
    return data


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def archive(name, files):
    import gzip

    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for file, data in files:
            add(tar, file, data)
    (here / name).write_bytes(gzip.compress(raw.getvalue(), 9, mtime=0))


names10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
batches = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]


def batch10(i, name):
    return [
        (b"batch_label", f"batch {name}".encode()),
        (b"labels", labels(i, 10)),
        (b"data", planes(i)),
        (b"filenames", [f"image_{k}.png".encode() for k in range(count)]),
    ]


meta10 = [(b"num_cases_per_batch", count), (b"label_names", [n.encode() for n in names10]), (b"num_vis", 200)]
archive(
    "cifar-10-python.tar.gz",
    [("cifar-10-batches-py/batches.meta", check(old_pickle(meta10), meta10))]
    + [(f"cifar-10-batches-py/{n}", check(old_pickle(batch10(i, n)), batch10(i, n))) for i, n in enumerate(batches)]
    + [("cifar-10-batches-py/readme.html", b"<html>read me</html>\n")],
)


def binary10(i):
    return b"".join(bytes([label]) + row.tobytes() for label, row in zip(labels(i, 10), planes(i)))


archive(
    "cifar-10-binary.tar.gz",
    [("cifar-10-batches-bin/batches.meta.txt", ("\n".join(names10) + "\n").encode())]
    + [(f"cifar-10-batches-bin/{n}.bin", binary10(i)) for i, n in enumerate(batches)]
    + [("cifar-10-batches-bin/readme.html", b"<html>read me</html>\n")],
)

fine = [f"fine{i:02}" for i in range(100)]
coarse = [f"coarse{i:02}" for i in range(20)]


def batch100(i):
    return [
        (b"filenames", [f"image_{k}.png".encode() for k in range(count)]),
        (b"batch_label", b"batch"),
        (b"fine_labels", labels(i, 100)),
        (b"coarse_labels", labels(i, 20)),
        (b"data", planes(i)),
    ]


meta100 = [(b"fine_label_names", [n.encode() for n in fine]), (b"coarse_label_names", [n.encode() for n in coarse])]
archive(
    "cifar-100-python.tar.gz",
    [("cifar-100-python/meta", check(old_pickle(meta100), meta100))]
    + [(f"cifar-100-python/{n}", check(old_pickle(batch100(i)), batch100(i))) for i, n in [(1, "test"), (0, "train")]],
)


def binary100(i):
    return b"".join(
        bytes([c, f]) + row.tobytes() for c, f, row in zip(labels(i, 20), labels(i, 100), planes(i))
    )


archive(
    "cifar-100-binary.tar.gz",
    [
        ("cifar-100-binary/coarse_label_names.txt", ("\n".join(coarse) + "\n").encode()),
        ("cifar-100-binary/fine_label_names.txt", ("\n".join(fine) + "\n").encode()),
        ("cifar-100-binary/test.bin", binary100(1)),
        ("cifar-100-binary/train.bin", binary100(0)),
    ],
)

# the same file as Python 3 writes it, by every protocol that it has for such data
for protocol in (0, 1, 2, 3, 4, 5):
    content = {"labels": labels(0, 10), "data": planes(0)} if protocol % 2 else {b"labels": np.array(labels(0, 10)).tolist(), b"data": planes(0)}
    (here / f"protocol{protocol}.pickle").write_bytes(pickle.dumps(content, protocol=protocol))
(here / "scalars.pickle").write_bytes(
    pickle.dumps({"labels": list(np.array(labels(0, 10))), "data": planes(0)}, protocol=4)
)


class Harm:
    def __reduce__(self):
        return (os.system, ("echo harm > harmed",))


for protocol in (0, 2, 4):
    (here / f"harm{protocol}.pickle").write_bytes(pickle.dumps({"data": Harm()}, protocol=protocol))
(here / "eval.pickle").write_bytes(b"\x80\x02cbuiltins\neval\nX\x06\x00\x00\x001 + 1.\x85R.")
(here / "object.pickle").write_bytes(pickle.dumps(pathlib.PurePosixPath("x"), protocol=4))
(here / "other.pickle").write_bytes(pickle.dumps({"weights": [1.5, 2.5], "name": "net"}, protocol=4))

# a class for each folder in a zip, one of them with a name that is no ASCII
with zipfile.ZipFile(here / "folders.zip", "w") as zip:
    for part in ("train", "test"):
        for label in ("cat", "hund-ü"):
            for i in range(3):
                image = io.BytesIO()
                Image.fromarray((rgb + i * 20 + (label == "cat") * 5).astype(np.uint8)).save(image, "PNG")
                zip.writestr(zipfile.ZipInfo(f"pets/{part}/{label}/{i}.png", (2000, 1, 1, 0, 0, 0)), image.getvalue())

(here / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
