"""Reads and writes event files with TensorBoard's own code (the package "tensorboard"), for tests that compare with it.

  python3 withTensorBoard.py read DIR    prints as JSON what its accumulator finds: scalars, histograms, hyperparameters
  python3 withTensorBoard.py write FILE  writes scalars as tensors with its writer, and prints them as JSON
"""
import json
import os
import struct
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from tensorboard.backend.event_processing import event_accumulator  # noqa: E402
from tensorboard.compat.proto import event_pb2, summary_pb2  # noqa: E402
from tensorboard.plugins.hparams import plugin_data_pb2  # noqa: E402
from tensorboard.summary.writer.record_writer import RecordWriter  # noqa: E402


def read(folder):
    found = event_accumulator.EventAccumulator(
        folder, size_guidance={"scalars": 0, "histograms": 0, "tensors": 0, "compressedHistograms": 0}
    )
    found.Reload()
    tags = found.Tags()
    tensors = {}
    for tag in tags["tensors"]:
        tensors[tag] = [
            [event.step, list(event.tensor_proto.float_val) or len(event.tensor_proto.string_val)]
            for event in found.Tensors(tag)
        ]
    plugins = {}
    hyperparameters = {}
    try:
        contents = found.PluginTagToContent("hparams")
    except KeyError:
        contents = {}
    for tag, content in contents.items():
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
        plugins[tag] = data.WhichOneof("data")
        for name, value in data.session_start_info.hparams.items():
            hyperparameters[name] = getattr(value, value.WhichOneof("kind"))
    return {
        "scalars": {tag: [[event.step, event.value] for event in found.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {
            tag: [
                [event.step, event.histogram_value.min, event.histogram_value.max, event.histogram_value.num]
                for event in found.Histograms(tag)
            ]
            for tag in tags["histograms"]
        },
        "tensors": tensors,
        "plugins": plugins,
        "hyperparameters": hyperparameters,
    }


def write(file):
    written = {"loss": [], "accuracy": []}
    with open(file, "wb") as out:
        writer = RecordWriter(out)
        writer.write(event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString())
        for step in range(40):
            for tag, value in (("loss", 2.0 / (1 + step)), ("accuracy", 1 - 1 / (2.0 + step))):
                single = struct.unpack("<f", struct.pack("<f", value))[0]
                summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=single)])
                event = event_pb2.Event(wall_time=1.7e9 + step, step=step, summary=summary)
                writer.write(event.SerializeToString())
                written[tag].append([step, single])
        writer.flush()
    return written


command, place = sys.argv[1:]
json.dump(read(place) if command == "read" else write(place), sys.stdout)
