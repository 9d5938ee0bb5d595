// Constants and coefficients of the functions of float, and what is computed in another way than for
// double. The coefficients are fitted and printed by Tests/Sweeps/coefficients.py.

static const float binaryLogarithmOfEFloat = 1.44269504f;

// log 2 in two parts, the first of 12 bits: times an exponent it is exact.
static const float logarithm2HighFloat = 0.693115234f, logarithm2LowFloat = 3.19461849e-5f;

// Where eˣ is 0 or infinite for certain; where it is infinite but half its 2ⁿ is not; where eˣ − 1 is −1,
// and cosh x infinite; where tails are 0.
static const float exponentialLimitFloat = 106, overflowLimitFloat = 89, oneLimitFloat = 20, hyperbolicLimitFloat = 89.5f;
static const float errorLimitFloat = 10.3f, geluLimitFloat = 14.7f, siluLimitFloat = 112, geluByTanhLimitFloat = 11;

// What is less has no square next to it.
static const float tinyFloat = 2.98023224e-8f;

// The zeros of slopes, and the factors of the argument of gelu by tanh, each with its rounding error.
static const float geluSlopeZeroFloat = 0.751791537f, geluSlopeZeroLowFloat = -1.21144499e-08f;
static const float siluSlopeZeroFloat = 1.27846456f, siluSlopeZeroLowFloat = -1.29792825e-08f;
static const float geluByTanhSlopeZeroFloat = 0.752461433f, geluByTanhSlopeZeroLowFloat = -1.13396279e-08f;
static const float geluByTanhFactorFloat = 1.59576917f, geluByTanhFactorLowFloat = -4.53406805e-08f;
static const float geluByTanhCubicFloat = 0.0713548139f, geluByTanhCubicLowFloat = 2.39883247e-09f;

// (e^r − 1 − r)/r² for |r| ≤ ½·log 2: within 3.6e-9.
static const float exponentialTermsFloat[] = {
  0.00138170714f, 0.00836909469f, 0.0416682512f, 0.166665167f, 0.49999994f};

// (sinh r − r)/r³ in r², for the same r: within 4.7e-11.
static const float hyperbolicSineTermsFloat[] = {
  0.00019974068f, 0.00833317544f, 0.166666672f};

// (cosh r − 1)/r² in r², for the same r: within 1.0e-10.
static const float hyperbolicCosineTermsFloat[] = {
  0.00139354379f, 0.0416664593f, 0.5f};

// (sin r − r)/r³ in r², for |r| ≤ π/4: within 3.7e-9.
static const float sineTermsFloat[] = {
  -0.000195184082f, 0.0083321901f, -0.166666552f};

// (cos r − 1 + r²/2)/r⁴ in r², for the same r: within 1.1e-10.
static const float cosineTermsFloat[] = {
  2.44306702e-05f, -0.00138873013f, 0.0416666456f};

// (log(1 + f) − f + f²/2)/f³ for f from −¼ to ½: within 1.2e-9.
static const float logarithmTermsFloat[] = {
  0.0376267731f, -0.0910604671f, 0.116973691f, -0.127297059f, 0.142769575f, -0.166551694f,
  0.199995652f, -0.250001669f, 0.333333403f};

// log(1 + e)/e for e from 0 to 1: within 9.7e-9.
static const float softplusTermsFloat[] = {
  -0.00330726546f, 0.0201359838f, -0.0575128905f, 0.106641427f, -0.153457671f, 0.196922556f,
  -0.249580294f, 0.333304644f, -0.499999315f, 1.0f};

// erf x/x − 1 in x², for x ≤ 1: within 3.4e-9.
static const float errorFunctionTermsFloat[] = {
  -9.98438554e-06f, 0.000108646891f, -0.000835030456f, 0.00520606572f, -0.0268581007f, 0.112836316f,
  -0.376126289f, 0.128379166f};

// (t − 1 − e⁻ᵗ)/d with d = t − siluSlopeZero, for |d| ≤ ½: within 4.1e-8.
static const float siluSlopeTermsFloat[] = {
  -0.000390223344f, 0.00234134076f, -0.0116021736f, 0.046408806f, -0.139232293f, 1.27846456f};

// (t·u′(t) − 1 − e^−u(t))/d with d = t − geluByTanhSlopeZero, for |d| ≤ ¼: within 4.7e-8.
static const float geluByTanhSlopeTermsFloat[] = {
  -0.00116916501f, 0.00373525103f, -0.0112943677f, 0.0304842331f, -0.0759590119f, 0.400447726f,
  0.0999115258f, 2.46065688f};

// Φ(−t)·e^(t²/2), a quotient, for t ≥ 0: within 2.7e-8.
static const float normalTailUpperFloat[] = {
  0.00312070944f, 0.0336930566f, 0.162185967f, 0.408913761f, 0.5f};
static const float normalTailLowerFloat[] = {
  1.71387491e-08f, 0.00782143045f, 0.0844828337f, 0.413954198f, 1.11352432f, 1.61571193f, 1.0f};

// erfc t·e^(t²), a quotient, for t ≥ 0: within 3.8e-8.
static const float errorTailUpperFloat[] = {
  0.0249656755f, 0.190596715f, 0.648743868f, 1.15658283f, 1.0f};
static const float errorTailLowerFloat[] = {
  1.37109993e-07f, 0.0442446917f, 0.337931335f, 1.17083931f, 2.22704864f, 2.2849617f, 1.0f};

// (t − Φ(−t)/φ(t))/(t − geluSlopeZero)/√(2π), a quotient, for t ≥ 0: within 3.2e-8.
static const float geluSlopeUpperFloat[] = {
  -5.40764495e-06f, 0.0091817528f, 0.0877043009f, 0.357669622f, 0.732023358f, 0.665077984f};
static const float geluSlopeLowerFloat[] = {
  -1.35403207e-05f, 0.0230245925f, 0.202546731f, 0.753994644f, 1.36627078f, 1.0f};

// log(1 + f) of the mantissa 1 + f, plus e·log 2.
OVERLOAD Float16Lanes logarithmOfParts(Float16Lanes f, Float16Lanes e) {
  const Float16Lanes square = f * f;
  Float16Lanes low = multiplyAdd(
      POLYNOMIAL(f, logarithmTermsFloat) * f, square, e * logarithm2LowFloat);
  low = multiplyAdd(square, all(-0.5f), low);
  return multiplyAdd(e, all(logarithm2HighFloat), f + low);
}
