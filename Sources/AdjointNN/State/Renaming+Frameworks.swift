import Adjoint

extension Renaming {
  /// The names of PyTorch's `state_dict` for the layers of this package.
  ///
  /// | here | there |
  /// |---|---|
  /// | `Linear` `weight`, `bias` | the same, in the same layout |
  /// | `Conv2D` `weight`, `bias` | the same, in the same layout |
  /// | `BatchNorm` `scale`, `shift` | `weight`, `bias` |
  /// | `BatchNorm` `runningMean`, `runningVariance` | `running_mean`, `running_var` |
  /// | `BatchNorm` `batchCount` | `num_batches_tracked`, which may lack |
  /// | `LayerNorm` `scale`, `shift` | `weight`, `bias` |
  /// | `Dropout` `key` | nothing |
  ///
  /// PyTorch averages the variance divided by n − 1, as ``BatchNorm`` does unless said otherwise, and its
  /// `momentum` is the weight of the new statistic.
  public static let pyTorch = Renaming()
    .naming(["scale": "weight", "shift": "bias"], in: LayerNorm.self)
    .naming(
      [
        "scale": "weight", "shift": "bias", "runningMean": "running_mean",
        "runningVariance": "running_var", "batchCount": "num_batches_tracked",
      ], in: BatchNorm.self
    )
    .adding { form, module in
      if module is BatchNorm, form.tensor == "num_batches_tracked" { form.isOptional = true }
    }
    .leavingOut(["key"], of: Dropout.self)

  /// The names and layouts of Keras' variables for the layers of this package, as in a file of NumPy that is made
  /// by `numpy.savez(file, **{v.path: v.numpy() for v in model.variables})`.
  ///
  /// | here | there |
  /// |---|---|
  /// | `Linear` `weight` [outputs, inputs] | `kernel` [inputs, outputs] |
  /// | `Conv2D` `weight` [O, I, H, W] | `kernel` [H, W, I, O] |
  /// | `BatchNorm`, `LayerNorm` `scale`, `shift` | `gamma`, `beta` |
  /// | `BatchNorm` `runningMean`, `runningVariance` | `moving_mean`, `moving_variance` |
  /// | `BatchNorm` `batchCount`, `Dropout` `key` | nothing |
  ///
  /// Parts of names are joined by `/`. Keras averages the variance divided by n: to train on as there, set
  /// `varianceEstimate` to `.population`, ε to 10⁻³ and the weight of the new statistic to 1 − `momentum`, 0.01 as
  /// Keras has them unless said otherwise. Images have their channels last there: the rows of a `kernel` behind
  /// a `Flatten` are in the order [H, W, C], and have to be put in the order [C, H, W].
  public static let keras = {
    var renaming = Renaming()
      .naming(["scale": "gamma", "shift": "beta"], in: LayerNorm.self)
      .naming(
        [
          "scale": "gamma", "shift": "beta", "runningMean": "moving_mean",
          "runningVariance": "moving_variance",
        ], in: BatchNorm.self
      )
      .leavingOut(["batchCount"], of: BatchNorm.self)
      .leavingOut(["key"], of: Dropout.self)
      .adding { form, module in
        guard form.tensor == "weight" else { return }
        switch module {
        case is Linear: (form.tensor, form.axes) = ("kernel", [1, 0])
        case is Conv2D: (form.tensor, form.axes) = ("kernel", [2, 3, 1, 0])
        default: break
        }
      }
    renaming.separator = "/"
    return renaming
  }()
}
