extension BatchNormalization {
  /// Calls to check the operation with.
  public static var samples: [Sample] {
    func sample(
      _ label: String, _ shape: [Int], axis: Int = 1, epsilon: Double = 1e-5, mean: Double = 0,
      deviation: Double = 1
    ) -> Sample {
      Sample(
        label, BatchNormalization(axis: axis),
        [
          .sample(shape, mean: mean, deviation: deviation), .sample([shape[axis]], seed: 2),
          .sample([shape[axis]], seed: 3), Tensor(epsilon, dtype: .float64),
        ])
    }
    return [
      sample("matrix", [6, 3]),
      sample("images", [2, 3, 2, 2]),
      sample("channels last", [2, 2, 2, 3], axis: 3, epsilon: 1e-3),
      sample("one image", [1, 2, 2, 3]),
      sample("mean 100", [6, 2], mean: 100),
      sample("small deviation", [5, 2], epsilon: 0, mean: 1, deviation: 1e-3),
      sample("empty batch", [0, 3]), sample("no channels", [2, 0]),
    ]
  }

  /// Calls that stop the program.
  public static var misuses: [Misuse] {
    @Sendable func normalize(_ x: Tensor, channels: Int = 3, epsilon: Double = 1e-5) {
      let (y, _, _) = x.batchNormalized(
        scale: .ones([channels]), shift: .zeros([channels]), epsilon: epsilon)
      _ = [Float](y)
    }
    return [
      Misuse(
        "batchNormalization: float32[1, 3] has one value for each channel of axis 1, whose variance "
          + "says nothing; train on batches of 2 or more (drop a shorter last one), or use .inference"
      ) { normalize(.zeros([1, 3])) },
      Misuse(
        "batchNormalization: the scale is float32[4]; axis 1 of float32[2, 3] needs float32[3]"
      ) {
        normalize(.zeros([2, 3]), channels: 4)
      },
      Misuse(
        "batchNormalization: channel 0 of float32[2, 3] is constant, or its deviation too small for "
          + "float32, and epsilon is 0 in float32; give a larger one"
      ) { normalize(.zeros([2, 3]), epsilon: 0) },
      Misuse(
        "batchNormalization: epsilon is -1.0; it is added to a variance, give 0 or more"
      ) { normalize(.zeros([2, 3]), epsilon: -1) },
    ]
  }
}
