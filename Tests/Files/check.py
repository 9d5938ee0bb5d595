#!/usr/bin/env python3
"""Opens files that this package has written in the libraries of others, and compares what they hold.

    ADJOINT_KEEP_FILES=folder swift test --filter InteroperabilityTests
    Tests/Files/check.py folder

Needs numpy and safetensors; with torch, a network's output too. Says what it did, and fails if anything differs.
"""
import os
import sys

import numpy as np
from safetensors.numpy import load_file, safe_open

folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name)


expected = {
    "floats": np.array([[0.5, -1.25], [3e38, np.inf]], np.float32),
    "doubles": np.array([0.1, -1e300]),
    "integers": np.array([-2**31, 2**31 - 1], np.int32),
    "truths": np.array([True, False, True]),
    "scalar": np.array(7, np.float32),
    "none": np.zeros((2, 0, 3), np.float32),
    'é "\n': np.array([1], np.float32),
}


def compare(what, got):
    assert set(got) == set(expected), (what, sorted(got))
    for name, want in expected.items():
        assert got[name].dtype == want.dtype and got[name].shape == want.shape, (what, name)
        assert np.array_equal(got[name], want), (what, name)
    print(f"{what}: {len(expected)} arrays are the same")


compare("safetensors", load_file(path("all.safetensors")))
with safe_open(path("all.safetensors"), "numpy") as file:
    assert file.metadata() == {"key \\ é": 'value "\n'}, file.metadata()
with np.load(path("all.npz")) as archive:
    compare("npz", dict(archive))
compare("npy", {name: np.load(path(f"{place}.npy")) for place, name in enumerate(sorted(expected, key=lambda n: n.encode()))})

try:
    import torch
    from safetensors.torch import load_file as load_torch
except ImportError:
    print("torch: not tried, as it is not here")
    sys.exit()
net = torch.nn.Sequential(
    torch.nn.Conv2d(2, 3, 3, padding=1, bias=False), torch.nn.BatchNorm2d(3), torch.nn.ReLU(),
    torch.nn.Flatten(), torch.nn.Dropout(0.25), torch.nn.Linear(3 * 4 * 4, 5), torch.nn.LayerNorm(5))
state = load_torch(path("net.safetensors"))
net.load_state_dict(state, strict=True)
net.eval()
values = load_torch(path("net-values.safetensors"))
with torch.no_grad():
    error = (net(values["x"]) - values["y"]).abs().max().item()
assert error <= 1e-6, error
print(f"torch: the network of {len(state)} tensors gives the same outputs, to {error:.1e}")
