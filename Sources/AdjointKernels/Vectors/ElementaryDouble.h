// Constants and coefficients of the functions of double, and what is computed in another way than for
// float. The coefficients are fitted and printed by Tests/Sweeps/coefficients.py.

static const double binaryLogarithmOfEDouble = 1.4426950408889634;

// log 2 in two parts, the first of 32 bits: times an exponent it is exact.
static const double logarithm2HighDouble = 0.6931471803691238;
static const double logarithm2LowDouble = 1.9082149292705877e-10;

// Where eˣ is 0 or infinite for certain; where it is infinite, but half its 2ⁿ is not; where eˣ − 1 is
// −1, and cosh x infinite; where tails are 0.
static const double exponentialLimitDouble = 750;
static const double overflowLimitDouble = 709.9;
static const double oneLimitDouble = 40;
static const double hyperbolicLimitDouble = 710.5;
static const double errorLimitDouble = 27.5;
static const double geluLimitDouble = 39;
static const double siluLimitDouble = 760;
static const double geluByTanhLimitDouble = 22;

// What is less has no square next to it.
static const double tinyDouble = 5.5511151231257827e-17;

// Zeros of slopes, and factors, with their rounding errors; what is 0 at a zero, at the rounded one.
static const double geluSlopeZeroDouble = 0.7517915246935645;
static const double geluSlopeZeroLowDouble = -1.4956759177009883e-17;
static const double siluSlopeZeroDouble = 1.2784645427610737;
static const double geluByTanhSlopeZeroDouble = 0.7524614220710163;
static const double geluByTanhFactorDouble = 1.5957691216057308;
static const double geluByTanhFactorLowDouble = -9.96930880911092e-17;
static const double geluByTanhCubicDouble = 0.07135481627260025;
static const double geluByTanhCubicLowDouble = -6.175149918155315e-19;
static const double normalTailFactorDouble = 2.5066282746310007;
static const double normalTailFactorLowDouble = -1.8328579980459167e-16;
static const double errorTailFactorDouble = 1.772453850905516;
static const double errorTailFactorLowDouble = -7.666586499825799e-17;
static const double siluSlopeAtZeroDouble = -1.3995343912896686e-16;
static const double geluByTanhSlopeAtZeroDouble = 8.945866560204453e-17;

// (e^r − 1 − r)/r² for |r| ≤ ½·log 2: within 9.6e-18.
static const double exponentialTermsDouble[] = {
  2.4999955896644035e-08, 2.7630378900857614e-07, 2.7557587371511408e-06, 2.480149276196238e-05,
  0.00019841269504734417, 0.0013888888943923525, 0.0083333333334956357, 0.041666666666529184,
  0.1666666666666641, 0.50000000000000111};

// (sinh r − r)/r³ in r², for the same r: within 2.4e-20.
static const double hyperbolicSineTermsDouble[] = {
  1.7575200980039162e-10, 2.5046791024848124e-08, 2.755732621403063e-06, 0.00019841269837090922,
  0.0083333333333344244, 0.16666666666666666};

// (cosh r − 1)/r² in r², for the same r: within 8.6e-22.
static const double hyperbolicCosineTermsDouble[] = {
  2.0921766822704609e-09, 2.7557251825916138e-07, 2.4801587349199112e-05, 0.0013888888888873283,
  0.041666666666666685, 0.5};

// (sin r − r)/r³ in r², for |r| ≤ π/4: within 3.9e-18.
static const double sineTermsDouble[] = {
  1.5896172177240967e-10, -2.505074984407166e-08, 2.7557313657689012e-06, -0.00019841269829771769,
  0.0083333333333224548, -0.16666666666666632};

// (cos r − 1 + r²/2)/r⁴ in r², for the same r: within 4.9e-20.
static const double cosineTermsDouble[] = {
  -1.1359802431144823e-11, 2.0875727058420806e-09, -2.7557314387467427e-07, 2.480158728963631e-05,
  -0.0013888888888874441, 0.041666666666666602};

// (2·artanh s/s − 2)/s² in s², for s² ≤ 0.04: within 1.5e-19.
static const double logarithmTermsDouble[] = {
  0.13843324152778944, 0.13173533125077261, 0.15391117114687694, 0.18181665694005139,
  0.22222224299503671, 0.285714285558056, 0.4000000000005674, 0.66666666666666596};

// (artanh s/s − 1 − s²/3)/s⁴ in s², for s² ≤ 0.04: within 1.7e-21.
static const double powerTermsDouble[] = {
  0.0628845462280124, 0.057957335867754735, 0.066706019940073802, 0.076922022756739844,
  0.090909107839148781, 0.1111111109539184, 0.14285714285789963, 0.1999999999999986};

// log₂(1 + f)/f for f from −¼ to ½, for powers of float: within 3.8e-12.
static const double binaryLogarithmTermsDouble[] = {
  -0.032293685182688048, 0.090549124899449746, -0.12676229207537715, 0.13658761291957897,
  -0.14474772262870184, 0.15992482955528428, -0.18026577824593928, 0.20610980819653923,
  -0.24045190483074519, 0.28853888871577693, -0.36067372133210573, 0.48089834742409365,
  -0.72134752059578633, 1.4426950408885728};

// log(1 + e)/e for e from 0 to 1: within 5.0e-17.
static const double softplusTermsDouble[] = {
  -1.6722714287399316e-05, 0.00020064891106470615, -0.0011450103356425427, 0.0041544452108067328,
  -0.010835050713141859, 0.021844591452546344, -0.03591353903643197, 0.050418212325828153,
  -0.063125541591215126, 0.073421490136449996, -0.082129016915684513, 0.09057547232544555,
  -0.099926635387499976, 0.1110985327330665, -0.12499835725286298, 0.14285698440595848,
  -0.16666665584959528, 0.19999999950848069, -0.24999999998648406, 0.33333333333314297,
  -0.49999999999999906, 1};

// erf x/x − 1 in x², for x ≤ 1: within 1.1e-17.
static const double errorFunctionTermsDouble[] = {
  -1.7435870129244937e-14, 4.1150341893157641e-13, -6.6385238715641334e-12, 9.4124032335291569e-11,
  -1.228950870662985e-09, 1.4807115795930038e-08, -1.636584052059031e-07, 1.6462114199696122e-06,
  -1.4925650353578435e-05, 0.00012055332981689416, -0.00085483270234494124, 0.0052239776254421741,
  -0.026866170645131252, 0.11283791670955126, -0.37612638903183754, 0.12837916709551259};

// (t − 1 − e⁻ᵗ)/d with d = t − siluSlopeZero, for |d| ≤ ½: within 1.1e-16.
static const double siluSlopeTermsDouble[] = {
  -5.8414490681976089e-10, 7.0097387822978963e-09, -7.6736411791497154e-08, 7.6736416844353545e-07,
  -6.9063628242058895e-06, 5.5250902568409423e-05, -0.00038675630937770638, 0.002320537856270375,
  -0.011602689281711855, 0.046410757126847176, -0.1392322713805369, 1.2784645427610737};

// (t·u′(t) − 1 − e^−u(t))/d with d = t − geluByTanhSlopeZero, for |d| ≤ ¼: within 5.6e-17.
static const double geluByTanhSlopeTermsDouble[] = {
  -3.0399134204212189e-08, 1.2455836628821048e-07, -5.0029067405997348e-07, 2.0062777265429918e-06,
  -7.6109548878823991e-06, 2.808336338717122e-05, -0.00010306811497393181, 0.00035651192624075299,
  -0.001152934602980292, 0.0036903772927789594, -0.01129523236880951, 0.030485990572147331,
  -0.075958990907663532, 0.40044769353404491, 0.09991152322555423, 2.4606567646302393};

// e^(−t²/2)/Φ(−t) − √(2π)·t, a quotient, for t ≥ 0: within 8.8e-17.
static const double normalTailUpperDouble[] = {
  1.3084523049926593e-07, 5.1683083728904125e-06, 9.5862321631385477e-05, 0.0011136915448377231,
  0.0090136259077326971, 0.053263002429110737, 0.23359152606062769, 0.75503814818568415,
  1.7371405244464138, 2.6078280877245446, 2};
static const double normalTailLowerDouble[] = {
  5.2199694634628357e-08, 2.0618567281932436e-06, 3.8347932575303409e-05, 0.00044842235868057376,
  0.0036720903130451994, 0.022125090754634091, 0.10015407668973095, 0.34113562779237011,
  0.85939999466927308, 1.533207609823231, 1.7593436203749053, 1};

// e^(−t²)/erfc t − √π·t, a quotient, for t ≥ 0: within 7.1e-17.
static const double errorTailUpperDouble[] = {
  2.0935236879882549e-06, 5.8472734363744353e-05, 0.00076689857305108381, 0.0062999907480390076,
  0.036054503630930788, 0.15065052081591904, 0.46718305212125538, 1.0677851892732613,
  1.7371405244464138, 1.8440129249987722, 1};
static const double errorTailLowerDouble[] = {
  2.3622885153288163e-06, 6.5979415302183796e-05, 0.00086771466139140942, 0.0071747577388891802,
  0.041544959383739082, 0.17700072603707273, 0.56655701432629024, 1.3645425111694804,
  2.4307502559293033, 3.066415219646462, 2.4880876088087729, 1};

// (t − Φ(−t)/φ(t))/(t − geluSlopeZero)/√(2π) − ⅜, a quotient, for t ≥ 0: within 9.4e-17.
static const double geluSlopeUpperDouble[] = {
  4.312015879689122e-08, 1.8348350632324722e-06, 3.4625520149165013e-05, 0.00039476865654105182,
  0.0030498026565866062, 0.016787003300965855, 0.066958974964362303, 0.19194423779276953,
  0.38066911911761575, 0.47604536783051887, 0.29007799513143429};
static const double geluSlopeLowerDouble[] = {
  1.8010046693060454e-06, 5.4074848103263708e-05, 0.0007818688781928094, 0.0070955784455302116,
  0.044432800841362231, 0.19951169639560926, 0.64773705901023026, 1.496161941348612,
  2.3462352966458311, 2.2500804185745782, 1};

// log(1 + f) = f − (f²/2 − s·(f²/2 + s²·P(s²))) with s = f/(2 + f) (fdlibm, Sun Microsystems), plus
// e·log 2.
OVERLOAD Double8Lanes logarithmOfParts(Double8Lanes f, Double8Lanes e) {
  const Double8Lanes s = f / (f + 2), square = s * s, half = f * f * 0.5;
  const Double8Lanes r = multiplyAdd(POLYNOMIAL(square, logarithmTermsDouble), square, half);
  const Double8Lanes low = half - multiplyAdd(s, r, e * logarithm2LowDouble);
  return multiplyAdd(e, all(logarithm2HighDouble), f - low);
}

// gelu x, of which y is what tails make: a series of as many terms as double needs would take half of that again.
OVERLOAD Double8Lanes smallGelu(Double8Lanes x, Double8Lanes y) {
  (void)x;
  return y;
}
