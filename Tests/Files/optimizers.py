#!/usr/bin/env python3
"""Makes Tests/AdjointFixtures/Data/optimizers: parameters after each of 20 steps, as PyTorch takes them in double.

usage: optimizers.py, where PyTorch and NumPy are installed.
"""
import json
import pathlib
import shutil

import numpy as np
import torch

data = pathlib.Path(__file__).parents[1] / 'AdjointFixtures' / 'Data'
shared = data / 'optim' / 'shared'
out = data / 'optimizers'
STEPS = 20
# NAdam's product of momenta, too.
torch.set_default_dtype(torch.float64)

CASES = [
    ('rmsprop', 'RMSprop', dict(lr=0.01)),
    ('rmsprop_momentum', 'RMSprop', dict(lr=0.01, alpha=0.9, momentum=0.9, weight_decay=0.1)),
    ('rmsprop_centred', 'RMSprop', dict(lr=0.01, alpha=0.95, eps=1e-3, centered=True)),
    ('rmsprop_all', 'RMSprop', dict(lr=0.02, centered=True, momentum=0.5, weight_decay=0.01)),
    ('adagrad', 'Adagrad', dict(lr=0.05)),
    ('adagrad_all', 'Adagrad', dict(lr=0.1, lr_decay=0.1, weight_decay=0.01, initial_accumulator_value=0.1)),
    ('adadelta', 'Adadelta', dict(lr=1.0)),
    ('adadelta_all', 'Adadelta', dict(lr=0.5, rho=0.8, eps=1e-4, weight_decay=0.1)),
    ('adamax', 'Adamax', dict(lr=0.02)),
    ('adamax_all', 'Adamax', dict(lr=0.02, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1)),
    ('nadam', 'NAdam', dict(lr=0.02)),
    ('nadam_all', 'NAdam', dict(lr=0.02, betas=(0.8, 0.9), weight_decay=0.1, momentum_decay=0.1)),
    ('nadam_decoupled', 'NAdam', dict(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)),
    ('radam', 'RAdam', dict(lr=0.02)),
    ('radam_all', 'RAdam', dict(lr=0.02, betas=(0.8, 0.99), eps=1e-4, weight_decay=0.1)),
    ('radam_decoupled', 'RAdam', dict(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)),
    ('amsgrad', 'Adam', dict(lr=0.02, amsgrad=True)),
    ('amsgrad_all', 'Adam', dict(lr=0.02, betas=(0.8, 0.9), weight_decay=0.1, amsgrad=True)),
]


def trajectory(kind, options):
    w, b = (torch.tensor(np.load(shared / f'{name}.npy'), requires_grad=True) for name in ('w0', 'b0'))
    gradients = [np.load(shared / f'grads_{name}.npy') for name in 'wb']
    optimizer = getattr(torch.optim, kind)([w, b], **options)
    steps = ([], [])
    for step in range(STEPS):
        for parameter, gradient in zip((w, b), gradients):
            parameter.grad = torch.tensor(gradient[step])
        optimizer.step()
        for parameter, list_ in zip((w, b), steps):
            list_.append(parameter.detach().numpy().copy())
    return [np.array(list_) for list_ in steps]


shutil.copytree(shared, out / 'shared', dirs_exist_ok=True)
index = []
for name, kind, options in CASES:
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    for array, values in zip(('w_steps', 'b_steps'), trajectory(kind, options)):
        np.save(folder / f'{array}.npy', values)
    np.save(folder / 'lr_steps.npy', np.full(STEPS, options['lr']))
    index.append(dict(name=name, mode='given', params=dict(optimizer=kind, **options)))
out.joinpath('index.json').write_text(json.dumps(dict(cases=index), indent=1) + '\n')


def rates(make, steps=12):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    schedule = make(optimizer)
    used = []
    for _ in range(steps):
        used.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        schedule.step()
    return used


schedulers = torch.optim.lr_scheduler
np.save(out / 'schedules.npy', np.array([
    rates(lambda o: schedulers.LinearLR(o, start_factor=0.25, end_factor=1, total_iters=8)),
    rates(lambda o: schedulers.PolynomialLR(o, total_iters=10, power=2)),
    rates(lambda o: schedulers.StepLR(o, step_size=3, gamma=0.5)),
    rates(lambda o: schedulers.MultiStepLR(o, milestones=[2, 7], gamma=0.1)),
    rates(lambda o: schedulers.ExponentialLR(o, gamma=0.9)),
    rates(lambda o: schedulers.CosineAnnealingWarmRestarts(o, T_0=2, T_mult=2, eta_min=0.01)),
    rates(lambda o: schedulers.OneCycleLR(o, max_lr=0.5, total_steps=13)),
    rates(lambda o: schedulers.SequentialLR(
        o, [schedulers.ConstantLR(o, factor=0.1, total_iters=4), schedulers.CosineAnnealingLR(o, T_max=20)],
        milestones=[4])),
]))


def plateau(figures, **options):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    schedule = schedulers.ReduceLROnPlateau(optimizer, **options)
    used = []
    for figure in figures:
        schedule.step(figure)
        used.append(optimizer.param_groups[0]['lr'])
    return used


figures = [3, 2, 2.5, 2, 1.9999, 2, 1, 1, 1, 1, 1, 1]
np.save(out / 'plateaus.npy', np.array([
    figures, plateau(figures, factor=0.5, patience=1),
    plateau([10 - f for f in figures], mode='max', factor=0.1, patience=2, min_lr=0.02)]))
