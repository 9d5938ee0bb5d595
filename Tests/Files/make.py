#!/usr/bin/env python3
"""Makes the files of Tests/AdjointFixtures/Data/files, by PyTorch, NumPy and the safetensors library.

Needs numpy, safetensors and torch. The same versions make the same bytes; the tests hold what this package
reads against the numbers that are written here, and against what PyTorch computes.
"""
import gzip
import json
import os
import struct

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

folder = os.path.join(os.path.dirname(__file__), "../AdjointFixtures/Data/files")
os.makedirs(folder, exist_ok=True)


def path(name):
    return os.path.join(folder, name)


# A network of PyTorch, its input, and its output in inference.
torch.manual_seed(1)
net = torch.nn.Sequential(
    torch.nn.Conv2d(2, 3, 3, padding=1, bias=False),
    torch.nn.BatchNorm2d(3),
    torch.nn.ReLU(),
    torch.nn.Flatten(),
    torch.nn.Dropout(0.25),
    torch.nn.Linear(3 * 4 * 4, 5),
    torch.nn.LayerNorm(5),
)
with torch.no_grad():
    for parameter in net.parameters():
        parameter.add_(0.3 * torch.randn_like(parameter))
net.train()
for _ in range(3):
    net(torch.randn(8, 2, 4, 4))
net.eval()
x = torch.randn(6, 2, 4, 4)
with torch.no_grad():
    y = net(x)
safetensors.torch.save_file(net.state_dict(), path("torch-net.safetensors"), {"format": "pt"})
safetensors.torch.save_file({"x": x, "y": y}, path("torch-net-values.safetensors"))

# The same in two parts, as large models come.
state = net.state_dict()
names = list(state)
parts = {"net-00001-of-00002.safetensors": names[:5], "net-00002-of-00002.safetensors": names[5:]}
for file, some in parts.items():
    safetensors.torch.save_file({n: state[n] for n in some}, path(file))
index = {
    "metadata": {"total_size": sum(t.numel() * t.element_size() for t in state.values())},
    "weight_map": {n: file for file, some in parts.items() for n in some},
}
with open(path("net.safetensors.index.json"), "w") as out:
    json.dump(index, out, indent=1)

# Each type of safetensors, with 0, 1, the largest number that an int32 or the type holds, and the least.
types = {
    "F64": torch.tensor([0.1, -2.5e300], dtype=torch.float64),
    "F32": torch.tensor([0.1, -3e38], dtype=torch.float32),
    "F16": torch.tensor([0.1, -65504, 6e-8, float("inf")], dtype=torch.float16),
    "BF16": torch.tensor([0.1, -3e38, float("inf")], dtype=torch.bfloat16),
    "I64": torch.tensor([1, 2**31 - 1, -(2**31)], dtype=torch.int64),
    "U64": torch.tensor([1, 2**31 - 1], dtype=torch.uint64),
    "I32": torch.tensor([1, 2**31 - 1, -(2**31)], dtype=torch.int32),
    "U32": torch.tensor([1, 2**31 - 1], dtype=torch.uint32),
    "I16": torch.tensor([1, 32767, -32768], dtype=torch.int16),
    "U16": torch.tensor([1, 65535], dtype=torch.uint16),
    "I8": torch.tensor([1, 127, -128], dtype=torch.int8),
    "U8": torch.tensor([1, 255], dtype=torch.uint8),
    "BOOL": torch.tensor([True, False, True]),
    "F8_E4M3": torch.tensor([1.0]).to(torch.float8_e4m3fn),
    "F8_E5M2": torch.tensor([1.0]).to(torch.float8_e5m2),
    "I64 that is large": torch.tensor([0, 2**31], dtype=torch.int64),
    "scalar": torch.tensor(7.0),
    "empty": torch.zeros(0, 3),
}
safetensors.torch.save_file(types, path("types.safetensors"), {"é \"\n": "\\ \u0001 😀"})

# What this package has to write byte for byte, though the library is given it in another order.
safetensors.numpy.save_file(
    {
        "b": np.array([True, False]),
        "a": np.array([[1, 2], [3, 4]], dtype=np.float32),
        "é": np.array([5], dtype=np.int32),
        "z": np.array([6, 7], dtype=np.float64),
        "Z": np.array(8, dtype=np.float32),
    },
    path("order.safetensors"),
    {"made by": "a test"},
)

# Arrays of NumPy: each type in both orders of bytes and of axes.
arrays = {}
for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]:
    numbers = np.arange(6).reshape(2, 3)
    if kind[0] == "f":
        numbers = numbers / 4 - 0.5
    elif kind[0] == "i":
        numbers = numbers - 3
    elif kind[0] == "b":
        numbers = numbers % 2
    for order in "<>" if kind[1] != "1" else "|":
        array = numbers.astype(order + kind)
        arrays[kind + {"<": " little", ">": " big", "|": ""}[order]] = array
        arrays[kind + {"<": " little", ">": " big", "|": ""}[order] + " fortran"] = np.asfortranarray(array)
arrays["rank 3 fortran"] = np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4))
arrays["scalar"] = np.array(2.5)
arrays["empty"] = np.zeros((0, 3), "f4")
# Much that repeats, and much that does not: every kind of block of deflate.
arrays["long"] = np.concatenate([
    np.tile(np.arange(64, dtype="f4"), 200), np.random.default_rng(1).integers(0, 2**24, 3000).astype("f4")])
np.savez(path("arrays.npz"), **arrays)
np.savez_compressed(path("arrays-deflated.npz"), **arrays)

for version in [(1, 0), (2, 0), (3, 0)]:
    with open(path(f"version-{version[0]}.npy"), "wb") as out:
        np.lib.format.write_array(out, np.arange(3, dtype="i4"), version=version)
refused = {
    "complex": np.zeros(2, "c8"),
    "text": np.array(["a", "b"]),
    "bytes": np.array([b"a"]),
    "object": np.array([None, {}]),
    "structured": np.zeros(2, [("x", "f4"), ("y", "i2")]),
    "datetime": np.zeros(2, "M8[s]"),
    "longdouble": np.zeros(2, "g"),
}
for name, array in refused.items():
    np.save(path(f"refused-{name}.npy"), array)

# A network as Keras has it: channels last, kernels transposed. Computed here by NumPy.
rng = np.random.default_rng(2)
kernel, bias = rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4)
gamma, beta, mean, variance = (rng.normal(size=4) for _ in range(4))
variance = variance**2 + 0.5
dense, offset = rng.normal(size=(4, 3)), rng.normal(size=3)
images = rng.normal(size=(5, 6, 6, 2))
padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
conv = np.zeros((5, 6, 6, 4)) + bias
for i in range(3):
    for j in range(3):
        conv += padded[:, i:i + 6, j:j + 6] @ kernel[i, j]
norm = gamma * (conv - mean) / np.sqrt(variance + 1e-3) + beta
logits = norm.mean(axis=(1, 2)) @ dense + offset
np.savez(
    path("keras-net.npz"),
    **{
        "conv2d/kernel": kernel, "conv2d/bias": bias,
        "batch_normalization/gamma": gamma, "batch_normalization/beta": beta,
        "batch_normalization/moving_mean": mean, "batch_normalization/moving_variance": variance,
        "dense/kernel": dense, "dense/bias": offset,
    })
np.savez(path("keras-net-values.npz"), images=images, logits=logits)

# An IDX file, compressed: 3 images of 2 by 2.
with open(path("images.idx3-ubyte.gz"), "wb") as out:
    idx = struct.pack(">BBBBIII", 0, 0, 8, 3, 3, 2, 2) + bytes(range(12))
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed:
        packed.write(idx)
