#!/usr/bin/env python3
"""Makes Tests/AdjointFixtures/Data/layers: what PyTorch's layers compute in double, and their gradients.

usage: layers.py, where PyTorch and NumPy are installed.

A file holds the tensors of a layer's state_dict (weight.NAME, as before the call), its arguments (in.NAME), its
results (out.NAME), random cotangents of the results (upstream.NAME) and the gradients by the real arguments
(grad.NAME) and by the parameters (slope.NAME).
"""
import collections
import pathlib

import numpy as np
import torch
from torch import nn

out = pathlib.Path(__file__).parents[1] / 'AdjointFixtures' / 'Data' / 'layers'
torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(7)


def normal(*shape):
    return torch.randn(*shape, generator=generator)


def save(name, layer, arguments, call=None, buffers_after=False):
    """Runs a layer on arguments by name, and writes all that there is to compare."""
    with torch.no_grad():
        for parameter in layer.parameters():
            if parameter.dim() < 2:
                parameter.add_(normal(*parameter.shape) * 0.3)
        if isinstance(layer, nn.Embedding) and layer.padding_idx is not None:
            layer.weight[layer.padding_idx] = 0
    arrays = {f'weight.{key}': value.numpy().copy() for key, value in layer.state_dict().items()}
    for value in arguments.values():
        if value.is_floating_point():
            value.requires_grad_()
    layer.zero_grad()
    results = (call or (lambda layer, **arguments: dict(y=layer(*arguments.values()))))(layer, **arguments)
    upstream = {key: normal(*value.shape) for key, value in results.items()}
    sum((value * upstream[key]).sum() for key, value in results.items()).backward()
    for key, value in arguments.items():
        array = value.detach().numpy()
        arrays[f'in.{key}'] = array.astype(np.int32) if value.dtype == torch.int64 else array
        if value.grad is not None:
            arrays[f'grad.{key}'] = value.grad.numpy()
    for key, value in results.items():
        arrays[f'out.{key}'] = value.detach().numpy()
        arrays[f'upstream.{key}'] = upstream[key].numpy()
    for key, value in layer.named_parameters():
        if value.grad is not None:
            arrays[f'slope.{key}'] = value.grad.numpy()
    if buffers_after:
        arrays |= {f'after.{key}': value.numpy() for key, value in layer.named_buffers()}
    np.savez(out / f'{name}.npz', **arrays)


out.mkdir(exist_ok=True)

# Normalization.
save('instance_norm', nn.InstanceNorm2d(3), dict(x=normal(2, 3, 4, 5)))
save('instance_norm_averaging', nn.InstanceNorm1d(3, affine=True, track_running_stats=True),
     dict(x=normal(4, 3, 6)), buffers_after=True)
evaluated = nn.InstanceNorm2d(2, affine=True, track_running_stats=True)
evaluated(normal(3, 2, 4, 4) + 1)
save('instance_norm_inference', evaluated.eval(), dict(x=normal(2, 2, 3, 3)))
save('group_norm', nn.GroupNorm(2, 6), dict(x=normal(3, 6, 2, 3)))
save('rms_norm', nn.RMSNorm(5, eps=1e-5), dict(x=normal(3, 4, 5)))
save('layer_norm', nn.LayerNorm([3, 4]), dict(x=normal(2, 3, 4)))

# Convolutions.
save('conv1d', nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), dict(x=normal(2, 4, 9)))
save('conv2d_same', nn.Conv2d(2, 3, (4, 3), padding='same', dilation=(1, 2)), dict(x=normal(2, 2, 6, 7)))
save('conv2d_depthwise', nn.Conv2d(3, 6, 3, stride=(2, 1), padding=(1, 0), groups=3), dict(x=normal(2, 3, 5, 6)))
save('conv3d', nn.Conv3d(2, 3, (2, 3, 2), stride=(1, 2, 1), padding=(0, 1, 1)), dict(x=normal(2, 2, 3, 5, 4)))
save('conv_transpose1d', nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
     dict(x=normal(2, 4, 5)))
save('conv_transpose2d', nn.ConvTranspose2d(2, 3, (3, 2), stride=(2, 3), padding=(1, 0), dilation=(2, 1)),
     dict(x=normal(2, 2, 4, 3)))
save('conv_transpose3d', nn.ConvTranspose3d(2, 2, 2, stride=(1, 2, 2), output_padding=(0, 1, 0), bias=False),
     dict(x=normal(1, 2, 2, 3, 2)))

# Embedding.
save('embedding', nn.Embedding(6, 4, padding_idx=2), dict(places=torch.tensor([[0, 2, 5], [2, 1, 5]])))

# Attention and transformers.
def attend(layer, query, key, value, mask=None, padding=None):
    return dict(y=layer(query, key, value, attn_mask=mask, key_padding_mask=padding, need_weights=False)[0])


save('attention', nn.MultiheadAttention(6, 2, batch_first=True),
     dict(query=normal(2, 3, 6), key=normal(2, 4, 6), value=normal(2, 4, 6)), attend)
padding = torch.tensor([[False, False, False, True], [False, False, True, True]])
save('attention_masked', nn.MultiheadAttention(6, 3, batch_first=True, bias=False),
     dict(query=normal(2, 3, 6), key=normal(2, 4, 6), value=normal(2, 4, 6), mask=normal(3, 4), padding=padding),
     lambda layer, query, key, value, mask, padding: attend(
         layer, query, key, value, mask, torch.zeros(2, 4).masked_fill(padding, -torch.inf)))
save('attention_widths', nn.MultiheadAttention(6, 2, kdim=5, vdim=4, batch_first=True),
     dict(query=normal(2, 3, 6), key=normal(2, 4, 5), value=normal(2, 4, 4)), attend)

options = dict(dropout=0.0, batch_first=True)
later = torch.ones(3, 3, dtype=torch.bool).triu(1)
for name, first, activation in [('after', False, 'relu'), ('before', True, 'gelu')]:
    save(f'encoder_layer_norm_{name}',
         nn.TransformerEncoderLayer(6, 2, 8, norm_first=first, activation=activation, **options),
         dict(x=normal(2, 3, 6)), lambda layer, x: dict(y=layer(x, src_mask=later, is_causal=True)))
    save(f'decoder_layer_norm_{name}',
         nn.TransformerDecoderLayer(6, 2, 8, norm_first=first, activation=activation, **options),
         dict(x=normal(2, 3, 6), memory=normal(2, 4, 6)),
         lambda layer, x, memory: dict(y=layer(x, memory, tgt_mask=later, tgt_is_causal=True)))
padding = torch.tensor([[False, False, False], [False, False, True]])
save('encoder', nn.TransformerEncoder(
    nn.TransformerEncoderLayer(4, 2, 6, norm_first=True, **options), 2, norm=nn.LayerNorm(4),
    enable_nested_tensor=False), dict(x=normal(2, 3, 4), padding=padding),
    lambda layer, x, padding: dict(y=layer(x, src_key_padding_mask=padding)))
save('decoder', nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 6, **options), 2),
     dict(x=normal(2, 3, 4), memory=normal(2, 2, 4)), lambda layer, x, memory: dict(y=layer(x, memory)))


# Recurrent layers.
def recur(layer, x, hidden, lengths=None, cell=None):
    packed = x if lengths is None else nn.utils.rnn.pack_padded_sequence(
        x, lengths, batch_first=True, enforce_sorted=False)
    y, last = layer(packed, hidden if cell is None else (hidden, cell))
    if lengths is not None:
        y = nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0]
    return dict(y=y, hidden=last) if cell is None else dict(y=y, hidden=last[0], cell=last[1])


for name, kind, extra in [('rnn', nn.RNN, {}), ('rnn_relu', nn.RNN, dict(nonlinearity='relu')), ('gru', nn.GRU, {}),
                          ('lstm', nn.LSTM, {})]:
    def state(count, batch=3):
        names = ['hidden', 'cell'] if kind is nn.LSTM else ['hidden']
        return {name: normal(count, batch, 4) for name in names}

    save(name, kind(3, 4, batch_first=True, **extra), dict(x=normal(3, 5, 3), **state(1)), recur)
    save(f'{name}_lengths', kind(3, 4, num_layers=2, bidirectional=True, batch_first=True, bias=name != 'rnn', **extra),
         dict(x=normal(3, 5, 3), lengths=torch.tensor([3, 5, 1]), **state(4)), recur)


# What was added later, so that the numbers drawn for the others stay what they are.
save('softmin', nn.Softmin(1), dict(x=normal(3, 4, 2)))
save('rrelu_inference', nn.RReLU().eval(), dict(x=normal(3, 5)))


def separable(inputs, outputs, multiplier, convolution, bias=True, **windows):
    channels = inputs * multiplier
    return nn.Sequential(collections.OrderedDict(
        depthwise=convolution(inputs, channels, groups=inputs, bias=False, **windows),
        pointwise=convolution(channels, outputs, 1, bias=bias)))


save('separable_conv1d', separable(3, 4, 2, nn.Conv1d, kernel_size=3, padding=2, dilation=2), dict(x=normal(2, 3, 7)))
save('separable_conv2d', separable(2, 3, 1, nn.Conv2d, bias=False, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0)),
     dict(x=normal(2, 2, 5, 4)))
save('separable_conv3d', separable(2, 3, 2, nn.Conv3d, kernel_size=2), dict(x=normal(1, 2, 3, 2, 3)))


def unpool(pool, undo):
    return lambda layer, x: dict(y=undo(*pool(x), output_size=x.shape))


for count, x, window, rest in [(1, normal(2, 3, 7), 2, {}), (2, normal(2, 2, 6, 5), (3, 2), dict(padding=(1, 0))),
                               (3, normal(1, 2, 4, 3, 5), (2, 1, 2), dict(stride=(2, 2, 3)))]:
    pool, undo = getattr(nn, f'MaxPool{count}d'), getattr(nn, f'MaxUnpool{count}d')
    save(f'max_unpool{count}d', nn.Identity(), dict(x=x),
         unpool(pool(window, return_indices=True, **rest), undo(window, **rest)))

save('lstm_projection', nn.LSTM(3, 5, proj_size=2, batch_first=True),
     dict(x=normal(3, 5, 3), hidden=normal(1, 3, 2), cell=normal(1, 3, 5)), recur)
save('lstm_projection_lengths', nn.LSTM(3, 5, proj_size=2, num_layers=2, bidirectional=True, batch_first=True),
     dict(x=normal(3, 5, 3), lengths=torch.tensor([3, 5, 1]), hidden=normal(4, 3, 2), cell=normal(4, 3, 5)), recur)
