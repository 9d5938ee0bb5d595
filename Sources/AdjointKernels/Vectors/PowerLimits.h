// What powers of special numbers are, as in C, for one type of lanes: included for each.

OVERLOAD INTEGERS isInteger(LANES x) {
  const ELEMENT whole = (ELEMENT)(1ll << MANTISSA_BITS);
  const LANES size = magnitude(x);
  return (size >= whole) | ((size + whole) - whole == size);
}

// `y` is |a|ᵇ where |a| is neither 0 nor infinite, b finite.
OVERLOAD LANES powerWithLimits(LANES y, LANES a, LANES b) {
  const ELEMENT infinity = (ELEMENT)__builtin_inff();
  const LANES size = magnitude(a), nothing = all((ELEMENT)0), one = all((ELEMENT)1);
  const INTEGERS isLimit = (size == 0) | (size == infinity) | (magnitude(b) == infinity);
  const INTEGERS isAlike = ~((size > 1) ^ (b > 0));
  y = choose(isLimit, choose(isAlike, all(infinity), nothing), y);
  // Of what is negative, odd powers are negative, and only integer ones are numbers.
  const INTEGERS isNegative = (INTEGERS)a < 0;
  const INTEGERS isOdd = isInteger(b) & ~isInteger(b * (ELEMENT)0.5);
  y = choose(isNegative & isOdd, -y, y);
  const INTEGERS isNone = (a < 0) & (size < infinity) & ~isInteger(b);
  y = choose(isNone | (a != a) | (b != b), all((ELEMENT)__builtin_nanf("")), y);
  const INTEGERS isOne = (b == 0) | (a == 1) | ((a == -1) & (magnitude(b) == infinity));
  return choose(isOne, one, y);
}

// What of aᵇ needs no exception.
OVERLOAD INTEGERS isPlainPower(LANES a, LANES b) {
  const ELEMENT infinity = (ELEMENT)__builtin_inff();
  return (a > 0) & (a < infinity) & (magnitude(b) < infinity);
}
