#!/usr/bin/env python3
"""Trains a small network on the digits of this package, by PyTorch, and writes digits.safetensors beside this file: its weights, as
net.state_dict() names them, and its outputs for the images held out.

Needs torch, numpy and safetensors.
"""
import os

import numpy as np
import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
data = os.path.join(here, "../../Sources/AdjointData/Digits")
images = np.fromfile(os.path.join(data, "digits-images.idx3-ubyte"), np.uint8)[16:].reshape(-1, 1, 8, 8)
labels = np.fromfile(os.path.join(data, "digits-labels.idx1-ubyte"), np.uint8)[8:]
x = torch.from_numpy(images.astype(np.float32)) / 16
y = torch.from_numpy(labels.astype(np.int64))

torch.manual_seed(1)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(8)
        self.conv2 = torch.nn.Conv2d(8, 16, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(16)
        self.fc = torch.nn.Linear(16 * 2 * 2, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = torch.max_pool2d(torch.relu(self.bn2(self.conv2(x))), 2)
        return self.fc(x.flatten(1))


net, training = Net(), 1500
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for places in torch.randperm(training).split(50):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x[places]), y[places]).backward()
        optimizer.step()
net.eval()
with torch.no_grad():
    logits = net(x[training:])
print(f"{(logits.argmax(1) == y[training:]).float().mean():.4f} of {len(logits)} images are right")
tensors = {f"net.{name}": tensor for name, tensor in net.state_dict().items()}
save_file(tensors | {"logits": logits}, os.path.join(here, "digits.safetensors"))
