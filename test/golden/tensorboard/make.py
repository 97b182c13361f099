"""Writes events.out.tfevents.1700000000.golden from the specification of the format alone: record framing with masked
CRC-32C (bit by bit, RFC 3720), protocol buffer fields of tensorflow/core/util/event.proto and
tensorboard/plugins/hparams/plugin_data.proto. Nothing but the standard library. Run: python3 make.py"""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283  # the check value of the algorithm


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while True:
        low = value & 0x7F
        value >>= 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def integer(field, value):
    return varint(field << 3) + varint(value)


def double(field, value):
    return varint(field << 3 | 1) + struct.pack("<d", value)


def float32(field, value):
    return varint(field << 3 | 5) + struct.pack("<f", value)


def blob(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def event(wall, step, *values):
    return double(1, wall) + integer(2, step) + blob(5, b"".join(blob(1, value) for value in values))


def plugin(name, content=b""):
    return blob(9, blob(1, blob(1, name) + blob(2, content)))


def simple(tag, value):
    return blob(1, tag) + float32(2, value)


def tensor(tag, body):
    return blob(1, tag) + blob(8, body) + plugin("scalars")


events = [double(1, 1700000000.0) + blob(3, "brain.Event:2")]
hparams = [
    ("lr", double(2, 0.01)),
    ("optimizer", blob(3, "sgd")),
    ("nesterov", integer(4, 1)),
]
start = b"".join(blob(1, blob(1, name) + blob(2, value)) for name, value in hparams) + blob(4, "golden")
events.append(event(1700000000.5, 0, blob(1, "_hparams_/session_start_info") + plugin("hparams", integer(1, 0) + blob(3, start))))
for step in range(5):
    events.append(event(1700000001.0 + step, step, simple("loss/train", 1.0 / (step + 1)), simple("accuracy", 0.5 + 0.1 * step)))
# TensorFlow 2 writes scalars as tensors: a float in tensor_content, a double and an int64 in their own fields
events.append(event(1700000010.0, 3, tensor("tf2/float", integer(1, 1) + blob(2, b"") + blob(4, struct.pack("<f", 0.25)))))
events.append(event(1700000011.0, 4, tensor("tf2/double", integer(1, 2) + blob(2, b"") + double(6, 0.1))))
events.append(event(1700000012.0, 5, tensor("tf2/int64", integer(1, 9) + blob(2, b"") + integer(10, -7))))
# a value that was written twice for a step, as after a restart: the later one counts
events.append(event(1700000013.0, 2, simple("loss/train", 0.125)))
# what no curve can show: a histogram, and a tensor of two numbers
histogram = double(1, 0.0) + double(2, 1.0) + double(3, 4.0) + blob(6, struct.pack("<2d", 0.5, 1.0)) + blob(7, struct.pack("<2d", 1.0, 3.0))
events.append(event(1700000014.0, 4, blob(1, "weights") + blob(5, histogram)))
events.append(event(1700000015.0, 4, tensor("two", integer(1, 1) + blob(2, blob(2, integer(1, 2))) + blob(5, struct.pack("<2f", 1.0, 2.0)))))
events.append(event(1700000016.0, 6, simple("not finite", float("nan"))))

with open(os.path.join(HERE, "events.out.tfevents.1700000000.golden"), "wb") as file:
    file.write(b"".join(record(data) for data in events))
