import Adjoint

extension Renaming {
  /// The names of PyTorch's `state_dict` for the layers of this package.
  ///
  /// | here | there |
  /// |---|---|
  /// | `Linear` `weight`, `bias` | the same, in the same layout |
  /// | `Embedding`, convolutions `weight`, `bias` | the same, in the same layout |
  /// | `PReLU` `slope` | `weight` |
  /// | `BatchNorm` `scale`, `shift` | `weight`, `bias` |
  /// | `BatchNorm` `runningMean`, `runningVariance` | `running_mean`, `running_var` |
  /// | `BatchNorm` `batchCount` | `num_batches_tracked`, which may lack |
  /// | `InstanceNorm` | as `BatchNorm` |
  /// | `LayerNorm`, `GroupNorm`, `RMSNorm` `scale`, `shift` | `weight`, `bias` |
  /// | `MultiHeadAttention` `inputWeight`, `queryWeight`, …, `inputBias` | `in_proj_weight`, `q_proj_weight`, …, `in_proj_bias` |
  /// | its `outputWeight`, `outputBias` | `out_proj.weight`, `out_proj.bias` |
  /// | `selfAttention`, `crossAttention` of transformers | `self_attn`, `multihead_attn` |
  /// | `RNN`, `GRU`, `LSTM` `layers.0.forward.inputWeight`, `stateBias`, … | `weight_ih_l0`, `bias_hh_l0`, … |
  /// | the same of `reverse` | `weight_ih_l0_reverse`, … |
  /// | `projectionWeight` of an LSTM | `weight_hr_l0`, … |
  /// | `Dropout`, `RReLU` `key` | nothing |
  ///
  /// PyTorch averages the variance divided by n − 1, as ``BatchNorm`` does unless said otherwise, and its
  /// `momentum` is the weight of the new statistic.
  public static let pyTorch = Renaming()
    .adding { form, module in
      guard isNorm(module), let name = form.tensor else { return }
      let names = [
        "scale": "weight", "shift": "bias", "runningMean": "running_mean",
        "runningVariance": "running_var", "batchCount": "num_batches_tracked",
      ]
      form.tensor = names[name] ?? name
      form.isOptional = name == "batchCount"
    }
    .naming(["slope": "weight"], in: PReLU.self)
    .naming(
      [
        "inputWeight": "in_proj_weight", "inputBias": "in_proj_bias",
        "queryWeight": "q_proj_weight",
        "keyWeight": "k_proj_weight", "valueWeight": "v_proj_weight",
        "outputWeight": "out_proj.weight", "outputBias": "out_proj.bias",
      ], in: MultiHeadAttention.self
    )
    .replacing(part: "selfAttention", by: "self_attn")
    .replacing(part: "crossAttention", by: "multihead_attn")
    .adding(nameRecurrentWeights)
    .leavingOut(["key"], of: Dropout.self)
    .leavingOut(["key"], of: RReLU.self)

  /// The names and layouts of Keras' variables for the layers of this package, as in a file of NumPy that is made
  /// by `numpy.savez(file, **{v.path: v.numpy() for v in model.variables})`.
  ///
  /// | here | there |
  /// |---|---|
  /// | `Linear` `weight` [outputs, inputs] | `kernel` [inputs, outputs] |
  /// | convolutions `weight` [O, I, H, W] | `kernel` [H, W, I, O] |
  /// | transposed ones `weight` [I, O, H, W] | `kernel` [H, W, O, I] |
  /// | `Embedding` `weight` | `embeddings` |
  /// | `PReLU` `slope` | `alpha` |
  /// | `BatchNorm`, `LayerNorm`, `GroupNorm` `scale`, `shift` | `gamma`, `beta` |
  /// | `BatchNorm` `runningMean`, `runningVariance` | `moving_mean`, `moving_variance` |
  /// | `BatchNorm` `batchCount`, `Dropout`, `RReLU` `key` | nothing |
  ///
  /// Parts of names are joined by `/`. Keras averages the variance divided by n: to train on as there,
  /// make layers of ``BatchNorm/Convention/keras``. Images have their channels last there: the rows of a `kernel` behind
  /// a `Flatten` are in the order [H, W, C], and have to be put in the order [C, H, W].
  public static let keras = {
    var renaming = Renaming()
      .adding { form, module in
        guard isNorm(module), let name = form.tensor else { return }
        let names = [
          "scale": "gamma", "shift": "beta", "runningMean": "moving_mean",
          "runningVariance": "moving_variance",
        ]
        form.tensor = name == "batchCount" ? nil : names[name] ?? name
      }
      .naming(["slope": "alpha"], in: PReLU.self)
      .leavingOut(["key"], of: Dropout.self)
      .leavingOut(["key"], of: RReLU.self)
      .adding { form, module in
        guard form.tensor == "weight" else { return }
        switch module {
        case is Linear: (form.tensor, form.axes) = ("kernel", [1, 0])
        case is Conv1D, is ConvTranspose1D: (form.tensor, form.axes) = ("kernel", [2, 1, 0])
        case is Conv2D, is ConvTranspose2D: (form.tensor, form.axes) = ("kernel", [2, 3, 1, 0])
        case is Conv3D, is ConvTranspose3D: (form.tensor, form.axes) = ("kernel", [2, 3, 4, 1, 0])
        case is Embedding: form.tensor = "embeddings"
        default: break
        }
      }
    renaming.separator = "/"
    return renaming
  }()

  /// Whether a module is one of the norm family, whose names are alike.
  private static func isNorm(_ module: any Module) -> Bool {
    switch module {
    case is BatchNorm, is InstanceNorm, is LayerNorm, is GroupNorm, is RMSNorm: true
    default: false
    }
  }

  /// Puts the layer and the direction of recurrent weights behind their names: `layers.0.reverse.inputWeight` is
  /// `weight_ih_l0_reverse`.
  private static func nameRecurrentWeights(_ form: inout Form, _ module: any Module) {
    guard module is RecurrentWeights, let name = form.tensor else { return }
    let names = [
      "inputWeight": "weight_ih", "stateWeight": "weight_hh", "inputBias": "bias_ih",
      "stateBias": "bias_hh", "projectionWeight": "weight_hr",
    ]
    // The last three are layers, the number, and the direction.
    let parts = form.module.split(separator: ".")
    guard parts.count >= 3, let ours = names[name] else { return }
    form.module = parts.dropLast(3).joined(separator: ".")
    form.tensor = ours + "_l\(parts[parts.count - 2])" + (parts.last == "reverse" ? "_reverse" : "")
  }
}
