// Rounding to whole numbers, for one type of lanes: included for each.
//
// From 2 to the number of bits of the mantissa on, all numbers are whole. Below it, adding that number leaves
// no room for a fraction, and rounds to nearest, to even where two are as near.

OVERLOAD LANES roundedToNearest(LANES x) {
  const ELEMENT whole = (ELEMENT)(1ll << MANTISSA_BITS);
  const LANES rounded = withSignOf((magnitude(x) + whole) - whole, x);
  return choose(magnitude(x) < whole, rounded, x);
}

OVERLOAD LANES roundedDown(LANES x) {
  const LANES rounded = roundedToNearest(x);
  return choose(rounded > x, rounded - 1, rounded);
}

OVERLOAD LANES roundedUp(LANES x) {
  const LANES rounded = roundedToNearest(x);
  return choose(rounded < x, withSignOf(magnitude(rounded + 1), x), rounded);
}

OVERLOAD LANES roundedTowardZero(LANES x) { return withSignOf(roundedDown(magnitude(x)), x); }
