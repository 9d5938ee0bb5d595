#!/usr/bin/env python3
"""Fits the coefficients of Sources/AdjointKernels/Vectors/Elementary{Float,Double}.h and prints them.

    coefficients.py [name ...]

Each is the polynomial, or the quotient of two, with the smallest largest relative error (Remez' exchange,
on a grid of Chebyshev's points), in 60 digits; the coefficients of a polynomial are rounded one by one,
the lowest first, and the others fitted again. The error printed is that of the rounded coefficients.
"""
import struct
import sys

from mpmath import mp, mpf

mp.dps = 60


def rounded(value, kind):
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0]) if kind == "float" else mpf(float(value))


def grid(low, high, bend=None, count=900):
    """Chebyshev's points between two numbers; with a bend k, of (x - k)/(x + k)."""
    points = [mp.cos(mp.pi * i / (count - 1)) for i in reversed(range(count))]
    if bend is None:
        return [mpf(low) + (mpf(high) - low) * (p + 1) / 2 for p in points]
    top = (mpf(high) - bend) / (mpf(high) + bend)
    return [bend * (1 + v) / (1 - v) for v in (-1 + (top + 1) * (p + 1) / 2 for p in points)]


def exchange(errors, count):
    """The places of `count` extrema with alternating signs, the largest."""
    best = []
    for i, e in enumerate(errors):
        if best and (e > 0) == (errors[best[-1]] > 0):
            if abs(e) > abs(errors[best[-1]]):
                best[-1] = i
        else:
            best.append(i)
    while len(best) > count:
        if len(best) == count + 1:
            best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
        else:
            k = min(range(len(best) - 1), key=lambda k: max(abs(errors[best[k]]), abs(errors[best[k + 1]])))
            del best[k:k + 2]
    return best


def chosen(total, count):
    return [round(i * (total - 1) / (count - 1)) for i in range(count)]


def polynomial(x, f, weight, powers):
    """The coefficients c_k of the best sum of c_k x^k, k in `powers`."""
    rows = [[v ** k for k in powers] for v in x]
    n = len(powers)
    places = chosen(len(x), n + 1)
    for _ in range(12):
        system = mp.matrix(n + 1, n + 1)
        right = mp.matrix(n + 1, 1)
        for r, i in enumerate(places):
            for c in range(n):
                system[r, c] = rows[i][c]
            system[r, n] = (-1) ** r / weight[i]
            right[r] = f[i]
        solution = mp.lu_solve(system, right)
        c = [solution[k] for k in range(n)]
        errors = [w * (y - mp.fdot(row, c)) for row, y, w in zip(rows, f, weight)]
        following = exchange(errors, n + 1)
        if len(following) < n + 1 or following == places:
            break
        places = following
    return c


def polynomialRounded(x, function, whole, kind, degree):
    """A polynomial for `function` of which the error times `whole(x)` is least."""
    f = [function(v) for v in x]
    scale = [whole(v) for v in x]
    powers = list(range(degree + 1))
    best = polynomial(x, f, scale, powers)
    candidates, refitted, rest, c = [[rounded(v, kind) for v in best]], [], f, best
    for k in powers:
        refitted.append(rounded(c[0], kind))
        rest = [y - refitted[-1] * v ** k for y, v in zip(rest, x)]
        try:
            c = polynomial(x, rest, scale, powers[k + 1:]) if k < degree else []
        except ZeroDivisionError:
            # Powers of x without the lower ones need not be independent on both sides of 0.
            break
    else:
        candidates.append(refitted)

    def error(c):
        return max(abs(w * (y - mp.polyval(c[::-1], v))) for v, y, w in zip(x, f, scale))

    return min(((c, error(c)) for c in candidates), key=lambda pair: pair[1])


def rational(x, f, upper, lower, kind, stretch=1):
    """The best P/Q with Q(0) = 1, of relative error; then of x times `stretch`."""
    n = upper + 1 + lower
    places, level = chosen(len(x), n + 1), mpf(0)
    for _ in range(25):
        for _ in range(8):
            system = mp.matrix(n + 1, n + 1)
            right = mp.matrix(n + 1, 1)
            for r, i in enumerate(places):
                sign = (-1) ** r
                for k in range(upper + 1):
                    system[r, k] = x[i] ** k
                for k in range(1, lower + 1):
                    system[r, upper + k] = -f[i] * (1 + sign * level) * x[i] ** k
                system[r, n] = -sign * f[i]
                right[r] = f[i]
            solution = mp.lu_solve(system, right)
            before, level = level, solution[n]
            if abs(level - before) < abs(level) * mpf("1e-6"):
                break
        p = [solution[k] for k in range(upper + 1)]
        q = [mpf(1)] + [solution[upper + k] for k in range(1, lower + 1)]
        errors = [mp.polyval(p[::-1], v) / mp.polyval(q[::-1], v) / y - 1 for v, y in zip(x, f)]
        following = exchange(errors, n + 1)
        if len(following) < n + 1 or following == places:
            break
        places = following
    p, q = ([rounded(c * mpf(stretch) ** k, kind) for k, c in enumerate(c)] for c in (p, q))
    x = [v / stretch for v in x]
    errors = [mp.polyval(p[::-1], v) / mp.polyval(q[::-1], v) / y - 1 for v, y in zip(x, f)]
    return p, q, max(abs(e) for e in errors)


MEANING = {
    "exponentialTerms": "(e^r − 1 − r)/r² for |r| ≤ ½·log 2",
    "hyperbolicSineTerms": "(sinh r − r)/r³ in r², for the same r",
    "hyperbolicCosineTerms": "(cosh r − 1)/r² in r², for the same r",
    "sineTerms": "(sin r − r)/r³ in r², for |r| ≤ π/4",
    "cosineTerms": "(cos r − 1 + r²/2)/r⁴ in r², for the same r",
    "logarithmTermsFloat": "(log(1 + f) − f + f²/2)/f³ for f from −¼ to ½",
    "logarithmTermsDouble": "(2·artanh s/s − 2)/s² in s², for s² ≤ 0.04",
    "softplusTerms": "log(1 + e)/e for e from 0 to 1",
    "powerTerms": "(artanh s/s − 1 − s²/3)/s⁴ in s², for s² ≤ 0.04",
    "binaryLogarithmTerms": "log₂(1 + f)/f for f from −¼ to ½, for powers of float",
    "errorFunctionTerms": "erf x/x − 1 in x², for x ≤ 1",
    "normalTerms": "(Φ(x) − ½)/x in x², for x ≤ 1",
    "siluSlopeTerms": "(t − 1 − e⁻ᵗ)/d with d = t − siluSlopeZero, for |d| ≤ ½",
    "geluByTanhSlopeTerms": "(t·u′(t) − 1 − e^−u(t))/d with d = t − geluByTanhSlopeZero, for |d| ≤ ¼",
    "normalTail": "e^(−t²/2)/Φ(−t) − √(2π)·t, a quotient, for t ≥ 0",
    "errorTail": "e^(−t²)/erfc t − √π·t, a quotient, for t ≥ 0",
    "geluSlope": "(t − Φ(−t)/φ(t))/(t − geluSlopeZero)/√(2π) − ⅜, a quotient, for t ≥ 0",
}


def show(name, coefficients, kind, error):
    texts = [("%.9gf" if kind == "float" else "%.17g") % float(c) for c in coefficients]
    texts = [t.replace("f", ".0f") if kind == "float" and "." not in t and "e" not in t else t for t in texts]
    meaning = [text for key, text in MEANING.items() if name.startswith(key)]
    print(f"// {meaning[0]}: within {mp.nstr(error, 2)}.")
    lines, line = [], " "
    for t in reversed(texts):
        if len(line) + len(t) + 2 > 100:
            lines.append(line)
            line = " "
        line += f" {t},"
    print(f"static const {kind} {name}[] = {{\n" + "\n".join(lines + [line.rstrip(',') + "};"]) + "\n", flush=True)


half = mp.log(2) / 2 * mpf("1.001")
quarter = mp.pi / 4 * mpf("1.001")


def mills(t):
    """The upper tail of the normal distribution over its density, less than 1/t."""
    return mp.sqrt(mp.pi / 2) * mp.erfc(t / mp.sqrt(2)) * mp.exp(t * t / 2)


def root(function, near):
    return mp.findroot(function, near)


geluZero = root(lambda t: mills(t) - t, 0.75)
siluZero = root(lambda t: t - 1 - mp.exp(-t), 1.28)
factor, cubic = 2 * mp.sqrt(2 / mp.pi), mpf("0.044715")


def tanhArgument(t):
    return factor * (t + cubic * t ** 3)


def tanhExcess(t):
    return t * factor * (1 + 3 * cubic * t * t) - 1 - mp.exp(-tanhArgument(t))


geluByTanhZero = root(tanhExcess, 0.75)


def quotient(numerator, limit):
    """numerator(d)/d, and its limit at 0."""
    return lambda d: limit if abs(d) < mpf("1e-25") else numerator(d) / d


def small(x, series):
    """A function that cancels near 0, in more digits."""
    with mp.workdps(110):
        return series(x)


def ones(x):
    return mpf(1)


logarithm3 = lambda f: mpf(1) / 3 if abs(f) < 1e-30 else small(f, lambda f: (mp.log1p(f) - f + f * f / 2) / f ** 3)


def polynomials(kind):
    f = kind == "float"
    yield ("exponentialTerms", grid(-half, half),
           lambda r: mpf(1) / 2 if abs(r) < 1e-30 else small(r, lambda r: (mp.expm1(r) - r) / r ** 2),
           lambda r: r ** 2 / mp.exp(r), 4 if f else 9)
    yield ("hyperbolicSineTerms", grid(mpf("1e-12"), half ** 2),
           lambda z: small(z, lambda z: (mp.sinh(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3),
           lambda z: z, 2 if f else 5)
    yield ("hyperbolicCosineTerms", grid(mpf("1e-12"), half ** 2),
           lambda z: small(z, lambda z: (mp.cosh(mp.sqrt(z)) - 1) / z), lambda z: z, 2 if f else 5)
    yield ("sineTerms", grid(mpf("1e-12"), quarter ** 2),
           lambda z: small(z, lambda z: (mp.sin(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3),
           lambda z: z, 2 if f else 5)
    yield ("cosineTerms", grid(mpf("1e-12"), quarter ** 2),
           lambda z: small(z, lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z ** 2),
           lambda z: z * z, 2 if f else 5)
    if f:
        yield ("logarithmTerms", grid(mpf("-0.25"), mpf("0.5")), logarithm3,
               lambda v: abs(v ** 3) / abs(mp.log1p(v)) if v else mpf(0.001), 8)
    else:
        area = lambda z: small(z, lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z)
        yield ("logarithmTerms", grid(mpf("1e-12"), mpf("0.0401")), area, lambda z: z / 2, 7)
        yield ("powerTerms", grid(mpf("1e-12"), mpf("0.0401")),
               lambda z: small(z, lambda z: (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1 - z / 3) / z ** 2),
               lambda z: z * z, 7)
        yield ("binaryLogarithmTerms", grid(mpf("-0.25"), mpf("0.5")),
               lambda v: 1 / mp.log(2) if v == 0 else mp.log1p(v) / mp.log(2) / v,
               lambda v: mpf(1) if v == 0 else v / mp.log1p(v), 13)
    yield ("softplusTerms", grid(mpf("1e-25"), 1), lambda v: mp.log1p(v) / v,
           lambda v: v / mp.log1p(v), 9 if f else 21)
    yield ("errorFunctionTerms", grid(mpf("1e-12"), 1),
           lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
           lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)), 7 if f else 15)
    if f:
        yield ("normalTerms", grid(mpf("1e-12"), 1),
               lambda z: mp.erf(mp.sqrt(z / 2)) / mp.sqrt(z) / 2,
               lambda z: mp.sqrt(z) / mp.erfc(mp.sqrt(z / 2)), 6)
    yield ("siluSlopeTerms", grid(mpf("-0.5"), mpf("0.5")),
           quotient(lambda d: d - (siluZero - 1) * mp.expm1(-d), siluZero),
           lambda d: mpf(1), 5 if f else 11)
    yield ("geluByTanhSlopeTerms", grid(mpf("-0.25"), mpf("0.25")),
           lambda d: small(d, quotient(
               lambda d: tanhExcess(geluByTanhZero + d),
               mp.diff(tanhExcess, geluByTanhZero))),
           lambda d: mpf("0.4"), 7 if f else 15)


def rationals(kind):
    f = kind == "float"
    gap = mpf("1e-20")
    inverse = lambda t: mp.sqrt(2 * mp.pi) * (1 / mills(t) - t)
    yield ("normalTail", grid(gap, 14.7 if f else 39, 2.5 if f else 2), inverse, *((5, 6) if f else (10, 11)), 1)
    # erfc t is twice the tail from √2·t.
    yield ("errorTail", grid(gap, 14.7 if f else 39, 2.5 if f else 2), lambda t: inverse(t) / 2,
           *((5, 6) if f else (10, 11)), mp.sqrt(2))
    yield ("geluSlope", grid(gap, 14.9 if f else 39.2, 3 if f else 2),
           lambda t: (t - mills(t)) / (t - geluZero) / mp.sqrt(2 * mp.pi) - mpf(3) / 8,
           *((5, 5) if f else (10, 10)), 1)


def main():
    wanted = sys.argv[1:]
    numbers = [
        ("geluSlopeZero", geluZero), ("siluSlopeZero", siluZero), ("geluByTanhSlopeZero", geluByTanhZero),
        ("geluByTanhFactor", factor), ("geluByTanhCubic", factor * cubic),
        ("normalTailFactor", mp.sqrt(2 * mp.pi)), ("errorTailFactor", mp.sqrt(mp.pi))]
    for name, value in numbers:
        for kind in ["float", "double"]:
            high = rounded(value, kind)
            print(f"// {name} {kind}: {float(high)!r} + {float(rounded(value - high, kind))!r}")
    # What the excess is at the rounded zero: minus the zero's rounding error, times the slope there.
    for name, zero, slope in [
            ("siluSlopeAtZero", siluZero, siluZero),
            ("geluByTanhSlopeAtZero", geluByTanhZero, mp.diff(tanhExcess, geluByTanhZero))]:
        for kind in ["float", "double"]:
            print(f"// {name} {kind}: {float(rounded((rounded(zero, kind) - zero) * slope, kind))!r}")
    for kind in ["float", "double"]:
        for name, x, function, whole, degree in polynomials(kind):
            if not wanted or name in wanted:
                c, error = polynomialRounded(x, function, whole, kind, degree)
                show(name + kind.capitalize(), c, kind, error)
        for name, x, function, upper, lower, stretch in rationals(kind):
            if not wanted or name in wanted:
                p, q, error = rational(x, [function(v) for v in x], upper, lower, kind, stretch)
                show(name + "Upper" + kind.capitalize(), p, kind, error)
                show(name + "Lower" + kind.capitalize(), q, kind, error)


main()
