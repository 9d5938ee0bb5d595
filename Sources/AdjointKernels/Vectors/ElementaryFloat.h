// Constants and coefficients of the functions of float, and what is computed in another way than for
// double. The coefficients are fitted and printed by Tests/Sweeps/coefficients.py.

static const float binaryLogarithmOfEFloat = 1.44269504f;

// log 2 in two parts, the first of 12 bits: times an exponent it is exact.
static const float logarithm2HighFloat = 0.693115234f, logarithm2LowFloat = 3.19461849e-5f;

// Where eˣ is 0 or infinite for certain; where it is infinite, but half its 2ⁿ is not; where eˣ − 1 is
// −1, and cosh x infinite; where tails are 0.
static const float exponentialLimitFloat = 106;
static const float overflowLimitFloat = 89;
static const float oneLimitFloat = 20;
static const float hyperbolicLimitFloat = 89.5f;
static const float errorLimitFloat = 10.3f;
static const float geluLimitFloat = 14.7f;
static const float siluLimitFloat = 112;
static const float geluByTanhLimitFloat = 11;

// What is less has no square next to it.
static const float tinyFloat = 2.98023224e-8f;

// Zeros of slopes, and factors, with their rounding errors; what is 0 at a zero, at the rounded one.
static const float geluSlopeZeroFloat = 0.751791537f;
static const float geluSlopeZeroLowFloat = -1.21144499e-08f;
static const float siluSlopeZeroFloat = 1.27846456f;
static const float geluByTanhSlopeZeroFloat = 0.752461433f;
static const float geluByTanhFactorFloat = 1.59576917f;
static const float geluByTanhFactorLowFloat = -4.53406805e-08f;
static const float geluByTanhCubicFloat = 0.0713548139f;
static const float geluByTanhCubicLowFloat = 2.39883247e-09f;
static const float normalTailFactorFloat = 2.50662827f;
static const float normalTailFactorLowFloat = -2.86602048e-10f;
static const float errorTailFactorFloat = 1.7724539f;
static const float errorTailFactorLowFloat = -5.32463993e-08f;
static const float siluSlopeAtZeroFloat = 1.65935532e-08f;
static const float geluByTanhSlopeAtZeroFloat = 2.79029333e-08f;

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

// (Φ(x) − ½)/x in x², for x ≤ 1: within 1.1e-9.
static const float normalTermsFloat[] = {
  2.72626153e-06f, -1.66709597e-05f, 0.000125016784f, -0.00119346392f, 0.00997549668f,
  -0.0664906502f, 0.398942292f};

// (t − 1 − e⁻ᵗ)/d with d = t − siluSlopeZero, for |d| ≤ ½: within 4.1e-8.
static const float siluSlopeTermsFloat[] = {
  -0.000390223344f, 0.00234134076f, -0.0116021736f, 0.046408806f, -0.139232293f, 1.27846456f};

// (t·u′(t) − 1 − e^−u(t))/d with d = t − geluByTanhSlopeZero, for |d| ≤ ¼: within 4.7e-8.
static const float geluByTanhSlopeTermsFloat[] = {
  -0.00116916501f, 0.00373525103f, -0.0112943677f, 0.0304842331f, -0.0759590119f, 0.400447726f,
  0.0999115258f, 2.46065688f};

// e^(−t²/2)/Φ(−t) − √(2π)·t, a quotient, for t ≥ 0: within 2.3e-8.
static const float normalTailUpperFloat[] = {
  0.00136728387f, 0.0205287244f, 0.146851167f, 0.61764437f, 1.54180443f, 2.0f};
static const float normalTailLowerFloat[] = {
  0.000545470801f, 0.00818953477f, 0.0596835688f, 0.262645304f, 0.730710208f, 1.22633183f, 1.0f};

// e^(−t²)/erfc t − √π·t, a quotient, for t ≥ 0: within 2.7e-8.
static const float errorTailUpperFloat[] = {
  0.00386726274f, 0.0410574488f, 0.207678914f, 0.61764437f, 1.09022045f, 1.0f};
static const float errorTailLowerFloat[] = {
  0.00436376641f, 0.0463270023f, 0.238734275f, 0.742873073f, 1.46142042f, 1.73429513f, 1.0f};

// (t − Φ(−t)/φ(t))/(t − geluSlopeZero)/√(2π) − ⅜, a quotient, for t ≥ 0: within 3.7e-8.
static const float geluSlopeUpperFloat[] = {
  0.000115946488f, 0.00291222637f, 0.0254096631f, 0.112015605f, 0.264170945f, 0.290077984f};
static const float geluSlopeLowerFloat[] = {
  0.00484284339f, 0.0609642416f, 0.332825303f, 0.975287557f, 1.51967525f, 1.0f};

// log(1 + f) of the mantissa 1 + f, plus e·log 2.
OVERLOAD Float16Lanes logarithmOfParts(Float16Lanes f, Float16Lanes e) {
  const Float16Lanes square = f * f;
  Float16Lanes low = multiplyAdd(
      POLYNOMIAL(f, logarithmTermsFloat) * f, square, e * logarithm2LowFloat);
  low = multiplyAdd(square, all(-0.5f), low);
  return multiplyAdd(e, all(logarithm2HighFloat), f + low);
}

// gelu x, of which y is what tails make; x·(½ + x·R(x²)) where x is small, with fewer roundings.
OVERLOAD Float16Lanes smallGelu(Float16Lanes x, Float16Lanes y) {
  const Float16Lanes share = multiplyAdd(POLYNOMIAL(x * x, normalTermsFloat), x, all(0.5f));
  return choose(magnitude(x) < 1, x * share, y);
}
