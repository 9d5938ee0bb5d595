#!/usr/bin/env python3
"""Holds every elementary function in C, and every slope, against mpmath.

    sweep.py [--functions NAME ...] [--points N] [--times] [--fixture FILE]

Compiles driver.c for every instruction set that this machine has (CC, or clang) and, where qemu-aarch64
and a cross compiler are, for Arm. Tries all exponents, numbers without one, zeros, infinities, NaN, the
neighbourhoods of places where formulas change, and random numbers, in both precisions. Prints the largest
error in ulp of each function and where it is, and fails if it is beyond the bound stated here and in the
comments, if a special value is wrong, or if a number's result depends on where in an array it is.
--times prints nanoseconds an element; --fixture writes right values for the tests.
"""
import argparse
import ctypes
import os
import platform
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from mpmath import mp, mpf

mp.dps = 45
here = Path(__file__).resolve().parent
headers = here.parent.parent / "Sources/AdjointKernels/Vectors"

inf, nan = float("inf"), float("nan")
zero, half, one = mpf(0), mpf(1) / 2, mpf(1)
cubic, factor = mpf("0.044715"), 2 * mp.sqrt(2 / mp.pi)


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def complementaryError(x):
    # Beyond it mpmath overflows.
    return mp.erfc(x) if abs(x) < 1e6 else mpf(2 * (x < 0))


def distribution(x):
    return complementaryError(-x / mp.sqrt(2)) / 2


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def tanhArgument(x):
    return factor * (x + cubic * x ** 3)


def gatedSlope(x, u, slope):
    return logistic(u) * (1 + x * slope * logistic(-u))


def within(function, least, most):
    return lambda x: function(x) if least <= x <= most else mpf(nan)


# How much larger errors may be where nothing is fused, on the baseline of x86.
UNFUSED = 1.4

# name: value, largest error in ulp of float and of double, the values at 0, -0, ∞ and -∞, and places
# where the formula changes or the value is 0.
FUNCTIONS = {
    "exponential": (mp.exp, 1, 1, (1, 1, inf, 0.0), [88.7228, -103.97, -87.33, 709.78, -745.13, -708.4]),
    "exponentialMinusOne": (mp.expm1, 1.2, 1.2, (0.0, -0.0, inf, -1), [3.12, 2.77, -17.3, -37.4, 17.3, 88.72, 709.78, 0.3466]),
    "logarithm": (mp.log, 1, 1, (-inf, -inf, inf, nan), [1, 0.75, 1.5, 0.7071, 1.4142]),
    "logarithmOfOnePlus": (mp.log1p, 1, 1, (0.0, -0.0, inf, nan), [-0.25, 0.5, -0.5, -1, 1, 2]),
    "sine": (mp.sin, 2, 2, (0.0, -0.0, nan, nan), []),
    "cosine": (mp.cos, 2, 2, (1, 1, nan, nan), []),
    "hyperbolicSine": (mp.sinh, 2, 2, (0.0, -0.0, inf, -inf), [89.4159, 710.4758, 0.3466, 1.04]),
    "hyperbolicCosine": (mp.cosh, 2, 2, (1, 1, inf, inf), [89.4159, 710.4758]),
    "hyperbolicTangent": (mp.tanh, 2.6, 2.6, (0.0, -0.0, 1, -1), [9.01, 19.06, 0.1733, 0.52]),
    "hyperbolicTangentSlope": (lambda x: mp.sech(x) ** 2, 2.5, 2.5, (1, 1, 0.0, 0.0), [44, 52, 354, 372]),
    "sigmoid": (logistic, 2, 2, (0.5, 0.5, 1, 0.0), [-87.33, -103.97, -708.4, -745.13]),
    "sigmoidSlope": (lambda x: logistic(x) * logistic(-x), 2.5, 2.5, (0.25, 0.25, 0.0, 0.0), [87.33, 103.97, 745.13]),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), 2.4, 2.4, (None, None, inf, 0.0), [-87.33, -103.97, -745.13]),
    "softsignSlope": (lambda x: 1 / (1 + abs(x)) ** 2, 2.6, 2.6, (1, 1, 0.0, 0.0), []),
    "errorFunction": (mp.erf, 1.1, 1.1, (0.0, -0.0, 1, -1), [1, 3.9, 5.9]),
    "complementaryErrorFunction": (complementaryError, 4, 4, (1, 1, 0.0, 2), [1, 9.2, 10.05, 26.5, 27.2, -0.5]),
    "gelu": (lambda x: x * distribution(x), 3.5, 3.5, (0.0, -0.0, inf, -0.0), [-13.1, -14.2, -37.5, -38.5]),
    "geluSlope": (lambda x: distribution(x) + x * density(x), 4.5, 4.5, (0.5, 0.5, 1, -0.0), [-0.7518, -13.1, -14.4, -37.5, -38.6]),
    "geluByTanh": (lambda x: x * logistic(tanhArgument(x)), 2.5, 2.5, (0.0, -0.0, inf, -0.0), [-9.9, -10.7, -21.5]),
    "geluByTanhSlope": (lambda x: gatedSlope(x, tanhArgument(x), factor * (1 + 3 * cubic * x * x)), 5, 5,
                        (0.5, 0.5, 1, -0.0), [-0.75246, -1.0025, -0.5025, -9.9, -10.8, -21.6, 4.9672980308532715]),
    "silu": (lambda x: x * logistic(x), 2.5, 2.5, (0.0, -0.0, inf, -0.0), [-92, -108, -714, -751]),
    "siluSlope": (lambda x: gatedSlope(x, x, 1), 4, 4, (0.5, 0.5, 1, -0.0), [-1.27846, -0.77846, -1.77846, -92, -108, -714, -751]),
    "mish": (lambda x: x * mp.tanh(mp.log1p(mp.exp(x))), 4, 4, (0.0, -0.0, inf, -0.0), [-1.2, -92, -103, -710]),
    "power": (mp.power, 1, 1.2, None, []),
    # By the platform's library, whose bounds these are.
    "tangent": (mp.tan, 2, 1, (0.0, -0.0, nan, nan), [1.5707963]),
    "arcSine": (within(mp.asin, -1, 1), 1, 1, (0.0, -0.0, nan, nan), [0.5, 0.999]),
    "arcCosine": (within(mp.acos, -1, 1), 1, 1, (None, None, nan, nan), [0.5, 0.999, -0.999]),
    "arcTangent": (mp.atan, 1, 1, (0.0, -0.0, None, None), [1, 2.4375, 0.4375]),
    "areaSine": (mp.asinh, 2, 2, (0.0, -0.0, inf, -inf), [0.5, 2]),
    "areaCosine": (within(mp.acosh, 1, inf), 2, 2, (nan, nan, inf, nan), [1, 2]),
    "areaTangent": (within(mp.atanh, -1, 1), 2, 2, (0.0, -0.0, nan, nan), [0.5, -0.5]),
    "logarithmToBase2": (lambda x: mp.log(x, 2), 1, 1, (-inf, -inf, inf, nan), [1, 0.75, 1.5]),
    "logarithmToBase10": (mp.log10, 2, 2, (-inf, -inf, inf, nan), [1, 0.75, 1.5, 10]),
    "powerOf2": (lambda x: mp.power(2, x), 1, 1, (1, 1, inf, 0.0), [127.9, -126, -149.5, 1023.9, -1022, -1074.5]),
    "cubeRoot": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), 1, 4, (0.0, -0.0, inf, -inf), [1, 8, 27]),
}


class Kind:
    def __init__(self, name):
        self.name, self.type, self.bits = name, np.dtype(name), np.dtype({"float32": "u4", "float64": "u8"}[name])
        self.isFloat = name == "float32"
        self.c = "float" if self.isFloat else "double"
        self.digits, self.least, self.most = (24, -126, 127) if self.isFloat else (53, -1022, 1023)

    def arguments(self, points, places):
        """All exponents, neighbourhoods, and random numbers where most functions are not constant."""
        generator = np.random.default_rng(1)
        result = []
        mantissas = generator.random(2 * (self.most - self.least + self.digits)) + 1
        for k, exponent in enumerate(range(self.least - self.digits + 1, self.most + 1)):
            result += [mantissas[2 * k] * 2.0 ** exponent, -mantissas[2 * k + 1] * 2.0 ** exponent]
            if exponent % 8 == 0:
                result += [2.0 ** exponent, -(2.0 ** exponent)]
        for place in places:
            x = self.type.type(place)
            for step in range(20):
                result.append(float(x))
                x = np.nextafter(x, self.type.type(inf))
            result += list(float(place) + generator.normal(0, 0.02 * abs(place), 40))
        for width in [0.3, 1, 3, 10, 30, 100] + ([] if self.isFloat else [300, 750]):
            result += list(generator.uniform(-width, width, points // 8))
        result += list(np.exp(generator.uniform(-12, 12, points // 8)) * generator.choice([-1, 1], points // 8))
        k = generator.integers(1, 1 << (16 if self.isFloat else 18), points // 16).astype(float)
        result += list(k * (np.pi / 2)) + list(generator.integers(1, 60, 100) * (np.log(2) / 2))
        with np.errstate(over="ignore"):
            array = np.array(result).astype(self.type)
        return array[np.isfinite(array) & (array != 0)]

    def ulp(self, got, right):
        """The error in units of the last place of the right result, which may be an mpf."""
        if mp.isnan(right):
            return 0 if np.isnan(got) else inf
        if np.isnan(got):
            return inf
        limit = mpf(2) ** (self.most + 1)
        right = max(min(right, limit), -limit)
        got = mpf(float(got)) if np.isfinite(got) else limit * int(np.sign(got))
        exponent = mp.frexp(right)[1] - 1 if right else self.least
        return float(abs(got - right) / mpf(2) ** (max(exponent, self.least) - self.digits + 1))

    def rounded(self, right):
        """The nearest number to an mpf."""
        if mp.isnan(right):
            return self.type.type(nan)
        if right == 0:
            return self.type.type(0)
        exponent = max(mp.frexp(right)[1] - 1, self.least) - self.digits + 1
        value = mp.ldexp(mp.nint(mp.ldexp(right, -exponent)), exponent)
        isFinite = abs(value) < mpf(2) ** (self.most + 1)
        return self.type.type(float(value) if isFinite else inf * int(mp.sign(value)))


class Driver:
    """driver.c for one instruction set."""

    def __init__(self, name, compiler, flags, runner=(), slack=1):
        self.name, self.runner, self.slack = name, list(runner), slack
        self.path = Path(folder) / name
        command = [*compiler, "-O2", *flags, f"-I{headers}", str(here / "driver.c"), "-o", str(self.path), "-lm"]
        subprocess.run(command, check=True)

    def __call__(self, function, kind, arguments):
        command = [*self.runner, str(self.path), function, kind.c]
        data = np.concatenate(arguments).tobytes()
        run = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
        return np.frombuffer(run.stdout, kind.type)

    def time(self, function, kind):
        command = [str(self.path), function, kind.c, "time"]
        return float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def drivers():
    compiler = [os.environ.get("CC", "clang")]
    if platform.machine() != "x86_64":
        return [Driver("neon", compiler, ["-DREGISTER=16"])]
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    result = [Driver("baseline", compiler, ["-DREGISTER=16"], slack=UNFUSED)]
    if "avx2" in flags and "fma" in flags:
        result.append(Driver("avx2", compiler, ["-DREGISTER=32", "-mavx2", "-mfma"]))
    if "avx512dq" in flags and "avx512vl" in flags:
        parts = ["-mavx512" + part for part in ["f", "vl", "bw", "dq"]]
        result.append(Driver("avx512", compiler, ["-DREGISTER=64", "-mavx2", "-mfma", *parts]))
    try:
        subprocess.run(["qemu-aarch64", "--version"], stdout=subprocess.DEVNULL, check=True)
        arm = [*compiler, "--target=aarch64-linux-gnu", "-static"]
        result.append(Driver("neon", arm, ["-DREGISTER=16"], ["qemu-aarch64"]))
    except (OSError, subprocess.CalledProcessError):
        print("Arm: not tried, as qemu-aarch64 or a cross compiler is not here")
    return result


def powers(kind, points):
    generator = np.random.default_rng(2)
    a = np.exp(generator.uniform(-1, 1, points) * generator.choice([0.01, 1, 10, 80], points))
    b = generator.normal(0, 1, points) * generator.choice([0.5, 3, 30, 300], points)
    a[:points // 8] *= -1
    b[:points // 4] = np.rint(b[:points // 4])
    # Some whose result is near the limits.
    c = points // 2 + np.arange(points // 4)
    exponents = generator.choice([-1, 1], len(c)) * (kind.most + generator.uniform(-3, kind.digits, len(c)))
    b[c] = exponents / np.log2(np.abs(a[c]) + 1e-3)
    special = np.array([0.0, -0.0, inf, -inf, nan, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1e30, -1e30, 2.0 ** 24 + 1, 1e-30,
                        2.0 ** (kind.least - 3), -(2.0 ** (kind.least - 3)), -0.99999994, 4503599627370497.0])
    pairs = [(x, y) for x in special for y in special]
    with np.errstate(over="ignore"):
        a, b = np.concatenate([a, [p[0] for p in pairs]]), np.concatenate([b, [p[1] for p in pairs]])
        return a.astype(kind.type), b.astype(kind.type)


def rightPower(library, a, b):
    special = not (np.isfinite(a) and np.isfinite(b)) or a == 0 or a == 1 or b == 0 or (a < 0 and b != np.rint(b))
    if special:
        return mpf(library(float(a), float(b)))
    sign = -1 if a < 0 and mp.fmod(mpf(float(b)), 2) != 0 else 1
    return sign * mp.power(mpf(abs(float(a))), mpf(float(b)))


def denseError(driver, function, kind, count):
    """The largest error among many numbers of float, against the same function of double, which is held
    against mpmath itself."""
    generator = np.random.default_rng(3)
    x = np.concatenate([generator.uniform(-width, width, count // 4) for width in [1, 12, 110]]
                       + [np.exp(generator.uniform(-20, 88, count // 4)) * generator.choice([-1, 1], count // 4)])
    arguments = (x := x.astype(kind.type),)
    if function == "power":
        a, b = np.exp(generator.normal(0, 2, len(x))), generator.normal(0, 8, len(x))
        arguments = (a.astype(kind.type), b.astype(kind.type))
    elif function in ["logarithm", "logarithmToBase2", "logarithmToBase10"]:
        arguments = (np.abs(x),)
    elif function == "logarithmOfOnePlus":
        arguments = (x[x > -1],)
    double = Kind("float64")
    right = driver(function, double, [a.astype(double.type) for a in arguments])
    with np.errstate(all="ignore"):
        unit = 2.0 ** (np.maximum(np.floor(np.log2(np.abs(right))), kind.least) - kind.digits + 1)
        errors = np.where(np.abs(right) < 2.0 ** kind.most, np.abs(driver(function, kind, arguments) - right) / unit, 0)
    worst = int(np.argmax(errors))
    return errors[worst], ", ".join(f"{a[worst]!r}" for a in arguments)


def isSpecial(got, right):
    if np.isnan(right):
        return np.isnan(got)
    return got == right and np.signbit(got) == np.signbit(right)


def main():
    global folder
    parser = argparse.ArgumentParser()
    parser.add_argument("--functions", nargs="*", default=list(FUNCTIONS))
    parser.add_argument("--points", type=int, default=4000)
    parser.add_argument("--times", action="store_true")
    parser.add_argument("--fixture", type=Path)
    options = parser.parse_args()
    library = ctypes.CDLL(None).pow
    library.restype, library.argtypes = ctypes.c_double, [ctypes.c_double, ctypes.c_double]
    failures, rows = 0, []
    with tempfile.TemporaryDirectory() as folder:
        sets = drivers()
        if options.times:
            for function in options.functions:
                times = [f"{d.name} {d.time(function, kind):.3f} {kind.c}" for d in sets if not d.runner
                         for kind in [Kind("float32"), Kind("float64")]]
                print(f"{function:28}", "   ".join(times), flush=True)
            return 0
        for function in options.functions:
            value, *bounds, special, places = FUNCTIONS[function]
            for kind, bound in zip([Kind("float32"), Kind("float64")], bounds):
                if function == "power":
                    arguments = powers(kind, options.points)
                    right = [rightPower(library, a, b) for a, b in zip(*arguments)]
                else:
                    x = kind.arguments(options.points, places)
                    if function in ["logarithm", "logarithmToBase2", "logarithmToBase10"]:
                        x = np.abs(x)
                    if function == "logarithmOfOnePlus":
                        x = x[x > -1]
                    right, arguments = [value(mpf(float(v))) for v in x], (x,)
                if options.fixture:
                    rows += fixture(function, kind, bound, arguments, right)
                for driver in sets:
                    got = driver(function, kind, arguments)
                    errors = [kind.ulp(g, r) for g, r in zip(got, right)]
                    worst = int(np.argmax(errors))
                    where = ", ".join(f"{a[worst]!r}" for a in arguments)
                    faults = []
                    most = errors[worst]
                    if kind.isFloat:
                        dense, place = denseError(driver, function, kind, min(options.points * 250, 1 << 21))
                        most, where = (dense, place) if dense > most else (most, where)
                    if most > bound * driver.slack:
                        faults.append(f"beyond {bound * driver.slack}")
                    moved = driver(function, kind, [a[1:-2] for a in arguments])
                    same = (moved == got[1:-2]) | (np.isnan(moved) & np.isnan(got[1:-2]))
                    if not same.all():
                        faults.append(f"another result elsewhere at {arguments[0][1:-2][~same][0]!r}")
                    if special:
                        s = np.array([0.0, -0.0, inf, -inf, nan] * 4, kind.type)
                        for at, g, r in zip(s, driver(function, kind, (s,)), (*special, nan) * 4):
                            if r is not None and not isSpecial(g, kind.type.type(r)):
                                faults.append(f"{g} at {at}")
                    if function == "power":
                        for a, b, g in zip(*arguments, got):
                            isPlain = a and np.isfinite(a) and np.isfinite(b)
                            r = g if isPlain else kind.type.type(library(float(a), float(b)))
                            if not isSpecial(g, r):
                                faults.append(f"{g} at {a}, {b}, not {r}")
                    failures += len(faults)
                    line = f"{function:28}{kind.name:8} {driver.name:8} {most:9.3f} at {where}"
                    print(line, "; ".join(faults[:4]), flush=True)
    if options.fixture:
        options.fixture.write_text("function,dtype,x,y,bound\n" + "".join(rows))
    return 1 if failures else 0


def fixture(function, kind, bound, arguments, right, count=60):
    """Some arguments and the nearest numbers to the right values, as bits."""
    generator = random.Random(function + kind.name)
    chosen = [i for i in range(len(right)) if not mp.isnan(right[i])]
    rows = []
    for i in sorted(generator.sample(chosen, count)):
        x = " ".join(f"{int(a[i:i + 1].view(kind.bits)[0]):x}" for a in arguments)
        value = kind.rounded(right[i]) if mp.isfinite(right[i]) else kind.type.type(float(right[i]))
        y = np.array([value]).view(kind.bits)[0]
        rows.append(f"{function},{kind.name},{x},{int(y):x},{bound}\n")
    return rows


if __name__ == "__main__":
    sys.exit(main())
