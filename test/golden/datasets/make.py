"""Writes the files of test/golden/datasets with the programs that users have, and what those programs read in them.

Run in this folder: python3 make.py
Needs numpy, pandas, h5py, openpyxl and pyarrow (only for Parquet, Feather and Arrow). Every expected number is read back by
the producer's own library, in float64; `expected.json` maps a file to {"x", "y", "columns"}.
"""
import gzip, io, json, os, struct, tarfile, zipfile
import h5py
import numpy as np
import openpyxl
import pandas as pd

rng = np.random.default_rng(20260101)
expected = {}
plain = lambda a: np.asarray(a).astype("float64").tolist()


def arrays(name, x, y):
    expected[name] = {"x": plain(x), "y": plain(y), "shape": list(np.shape(x))}


def table(name, frame, target):
    features = [c for c in frame.columns if c != target]
    expected[name] = {
        "columns": {c: [None if pd.isna(v) else v for v in frame[c].tolist()] for c in frame.columns},
        "features": features,
        "target": target,
    }


# numpy: every number type, both byte orders, both memory orders
x = rng.normal(size=(24, 3)) * 100
y = np.arange(24) % 3
for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]:
    for order in "<>":
        if code in ("i1", "u1", "?") and order == ">":
            continue
        a = (x > 0) if code == "?" else (np.abs(x) if code[0] == "u" else x).astype(order + code)
        name = f"types-{'be' if order == '>' else 'le'}-{code.replace('?', 'bool')}.npz"
        np.savez(name, x=a, y=y)
        arrays(name, np.load(name)["x"], np.load(name)["y"])
np.savez_compressed("fortran.npz", X=np.asfortranarray(rng.normal(size=(20, 4, 5, 3))), labels=y[:20])
arrays("fortran.npz", np.load("fortran.npz")["X"], np.load("fortran.npz")["labels"])
f = np.load("fortran.npz")
np.savez("keras.npz", x_train=rng.integers(0, 256, (18, 6, 5), dtype="u1"), y_train=y[:18].astype("u1"), x_test=rng.integers(0, 256, (6, 6, 5), dtype="u1"), y_test=y[:6].astype("u1"))
k = np.load("keras.npz")
arrays("keras.npz", np.concatenate([k["x_train"], k["x_test"]]), np.concatenate([k["y_train"], k["y_test"]]))
np.savez("names.npz", data=x, target=np.array(["rose", "tulip", "öl"])[y])
expected["names.npz"] = {"x": plain(x), "y": plain(y), "shape": [24, 3], "classes": ["rose", "tulip", "öl"]}
np.savez("onehot.npz", features=x.astype("f4"), targets=np.eye(3, dtype="f4")[y])
arrays("onehot.npz", x.astype("f4"), y)
np.savez("regression.npz", x=x, y=x @ [1.5, -2, 0.25] + 0.125)
arrays("regression.npz", x, np.load("regression.npz")["y"])
np.save("table.npy", np.column_stack([x, y]))
arrays("table.npy", x, y)
np.save("objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)

# IDX, as MNIST is published
images = rng.integers(0, 256, (30, 7, 6), dtype="u1")
labels = (np.arange(30) % 10).astype("u1")
for part, rows in [("train", slice(0, 20)), ("t10k", slice(20, 30))]:
    for kind, data in [("images", images[rows]), ("labels", labels[rows])]:
        head = struct.pack(">HBB", 0, 8, data.ndim) + struct.pack(f">{data.ndim}I", *data.shape)
        with gzip.GzipFile(f"{part}-{kind}-idx{data.ndim}-ubyte.gz", "wb", mtime=0) as out:
            out.write(head + data.tobytes())
arrays("mnist", images, labels)

# h5py
with h5py.File("data.h5", "w") as h:
    h["x"] = x
    h["y"] = y
    h["deep/images"] = images
    h["deep/labels"] = labels.astype(">i2")
    h.create_dataset("packed/x", data=x.astype("f2"), chunks=(8, 3), compression="gzip", shuffle=True)
    h.create_dataset("packed/y", data=[["cat", "dog", "eel"][i] for i in y])
    h["outside"] = h5py.ExternalLink("/etc/passwd", "/x")
arrays("data.h5", x, y)
expected["data.h5"]["packed"] = plain(x.astype("f2"))

# tables
frame = pd.DataFrame(
    {
        "length": rng.normal(size=40).round(6) * 1e3,
        "count": rng.integers(-5, 300, 40),
        "colour": rng.choice(["red", "green", "blue"], 40),
        "day": pd.date_range("2024-02-27", periods=40).strftime("%Y-%m-%d"),
        "label": rng.choice(["no", "yes"], 40),
    }
)
frame.loc[3, "length"] = np.nan
frame.loc[7, "colour"] = None
frame.to_csv("pandas.csv", index=False)
table("pandas.csv", pd.read_csv("pandas.csv"), "label")
for name, options in {
    "index.csv.gz": {"index": True, "compression": {"method": "gzip", "mtime": 0}},
    "tabs.tsv": {"sep": "\t", "index": False},
    "utf16.csv": {"encoding": "utf-16", "index": False},
    "bom.csv": {"encoding": "utf-8-sig", "index": False},
    "semicolon.csv": {"sep": ";", "decimal": ",", "index": False},
    "latin.csv": {"encoding": "cp1252", "index": False},
}.items():
    other = frame.copy()
    if name == "latin.csv":
        other["colour"] = other["colour"].replace("red", "größe é")
    other.to_csv(name, **options)
    table(name, other.reset_index(drop=True), "label")
text = frame.copy()
text["colour"] = text["colour"].replace({"red": 'a "red", one', "blue": "two\nlines"})
text.to_csv("quoted.csv", index=False)
table("quoted.csv", text, "label")
frame.to_json("records.jsonl", orient="records", lines=True)
table("records.jsonl", pd.read_json("records.jsonl", lines=True, convert_dates=False), "label")
frame.to_json("records.json", orient="records", indent=1)
table("records.json", frame, "label")
with pd.ExcelWriter("book.xlsx", engine="openpyxl") as book:
    pd.DataFrame({"note": ["nothing here"]}).to_excel(book, sheet_name="cover", index=False)
    frame.assign(day=pd.to_datetime(frame["day"])).to_excel(book, sheet_name="data", index=False)
table("book.xlsx", frame, "label")

# random numbers in the shortest and in other decimal forms, to be read to the last bit
wide = rng.normal(size=(300, 4)) * 10.0 ** rng.integers(-30, 30, (300, 4))
digits = pd.DataFrame(
    {
        "shortest": [repr(v) for v in wide[:, 0]],
        "seventeen": [f"{v:.17g}" for v in wide[:, 1]],
        "fixed": [f"{v:.12f}" for v in rng.normal(size=300)],
        "exponent": [f"{v:.20e}" for v in wide[:, 3]],
        "target": rng.integers(0, 2, 300),
    }
)
digits.to_csv("digits.csv", index=False)
read = pd.read_csv("digits.csv", float_precision="round_trip")
arrays("digits.csv", read[["shortest", "seventeen", "fixed", "exponent"]].to_numpy(), read["target"])

# archives
with zipfile.ZipFile("csv.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("folder/part_train.csv", frame[:30].to_csv(index=False))
    z.writestr("folder/part_test.csv", frame[30:].to_csv(index=False))
    z.writestr("__MACOSX/folder/._part_train.csv", b"\0\5\x16\7")
    z.writestr("README.md", "about")
for name, mode in [("csv.tar", "w"), ("csv.tar.gz", "w:gz")]:
    with tarfile.open(name, mode) as t:
        for part, rows in [("train", frame[:30]), ("test", frame[30:])]:
            data = rows.to_csv(index=False).encode()
            info = tarfile.TarInfo(f"./data/{part}.csv")
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
for name in ["csv.zip", "csv.tar", "csv.tar.gz"]:
    table(name, pd.concat([pd.read_csv(io.StringIO(frame[:30].to_csv(index=False))), pd.read_csv(io.StringIO(frame[30:].to_csv(index=False)))]), "label")

try:
    import pyarrow as pa, pyarrow.parquet as pq, pyarrow.feather as feather

    arrow = pa.table(
        {
            "length": pa.array(frame["length"], from_pandas=True),
            "count": pa.array(frame["count"], pa.int64()),
            "colour": pa.array(frame["colour"], from_pandas=True).dictionary_encode(),
            "day": pa.array(pd.to_datetime(frame["day"]).dt.date),
            "flag": pa.array(frame["count"] > 100),
            "label": pa.array(frame["label"]),
        }
    )
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        pq.write_table(arrow, f"{codec}.parquet", compression=codec, row_group_size=16)
    for codec in ["uncompressed", "lz4", "zstd"]:
        feather.write_feather(arrow, f"{codec}.feather", compression=codec, chunksize=16)
    with pa.ipc.new_stream("stream.arrows", arrow.schema) as out:
        out.write_table(arrow, max_chunksize=16)
    for name in [f"{c}.parquet" for c in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]]:
        table(name, pq.read_table(name).to_pandas(), "label")
    for name in ["uncompressed.feather", "lz4.feather", "zstd.feather"]:
        table(name, feather.read_table(name).to_pandas(), "label")
    table("stream.arrows", pa.ipc.open_stream("stream.arrows").read_all().to_pandas(), "label")
except ImportError:
    print("without pyarrow: no Parquet, Feather and Arrow")


def default(value):
    return value.item() if hasattr(value, "item") else str(value)


with open("expected.json", "w") as out:
    json.dump(expected, out, default=default, separators=(",", ":"))
    out.write("\n")
