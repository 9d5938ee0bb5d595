// Functions of the platform's mathematical library, lane by lane, for one type of lanes: included for each.
//
// As exact as that library is: Tests/Sweeps/sweep.py has the bounds. Slower than what is computed in all lanes
// at once.

#define LANE_BY_LANE(name, function)                                                       \
  OVERLOAD LANES name(LANES x) {                                                           \
    for (size_t lane = 0; lane < sizeof(LANES) / sizeof(ELEMENT); lane++)                  \
      x[lane] = LIBRARY(function)(x[lane]);                                                \
    return x;                                                                              \
  }
LANE_BY_LANE(tangent, tan)
LANE_BY_LANE(arcSine, asin)
LANE_BY_LANE(arcCosine, acos)
LANE_BY_LANE(arcTangent, atan)
LANE_BY_LANE(areaSine, asinh)
LANE_BY_LANE(areaCosine, acosh)
LANE_BY_LANE(areaTangent, atanh)
LANE_BY_LANE(logarithmToBase2, log2)
LANE_BY_LANE(logarithmToBase10, log10)
LANE_BY_LANE(powerOf2, exp2)
LANE_BY_LANE(cubeRoot, cbrt)
#undef LANE_BY_LANE

OVERLOAD LANES arcTangentOfRatio(LANES y, LANES x) {
  for (size_t lane = 0; lane < sizeof(LANES) / sizeof(ELEMENT); lane++)
    y[lane] = LIBRARY(atan2)(y[lane], x[lane]);
  return y;
}

// a − b·⌊a/b⌋, exact: with the sign of b.
OVERLOAD LANES remainderOfFloor(LANES a, LANES b) {
  for (size_t lane = 0; lane < sizeof(LANES) / sizeof(ELEMENT); lane++)
    a[lane] = LIBRARY(fmod)(a[lane], b[lane]);
  return choose((a != 0) & ((a < 0) != (b < 0)), a + b, a);
}
