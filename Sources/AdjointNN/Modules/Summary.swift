import Adjoint

extension Module {
  /// A table of the module for people: each layer with its type, its tensors and how many numbers
  /// it trains.
  ///
  ///     layer   type       tensors                  parameters
  ///     0       Linear     weight [128, 64]               8192
  ///     1       BatchNorm  scale [128], shift [128]        256
  public var summary: String {
    var rows = [["layer", "type", "tensors", "parameters"]]
    for part in parts {
      rows.append([part.path, part.type, part.tensors.joined(separator: ", "), "\(part.count)"])
    }
    rows.append(["total", "", "", "\(parameterCount)"])
    return rows.aligned(texts: 3)
  }

  /// The modules that name parameters of their own, or no other module.
  private var parts: [(path: String, type: String, tensors: [String], count: Int)] {
    var parts: [(path: String, type: String, tensors: [String], count: Int)] = []
    var copy = self
    copy.forEachModule { path, module in
      parts.append((path, type(of: module).typeName, [], 0))
    }
    for (path, tensor) in tensors(.parameter) {
      let (owner, name) = path.splitAtLastDot
      guard let part = parts.firstIndex(where: { $0.path == owner }) else { continue }
      parts[part].tensors.append("\(name) \(tensor.shape)")
      parts[part].count += tensor.count
    }
    let paths = parts.map(\.path)
    return parts.filter { part in
      !part.tensors.isEmpty
        || !paths.contains {
          $0 != part.path && (part.path.isEmpty || $0.hasPrefix(part.path + "."))
        }
    }
  }
}

extension Module {
  /// What people call the type: `Linear`, `Conv2D`.
  static var typeName: String {
    (self as? any NamedGeneric.Type)?.name ?? String("\(self)".prefix { $0 != "<" })
  }
}

extension String {
  var splitAtLastDot: (String, String) {
    guard let dot = lastIndex(of: ".") else { return ("", self) }
    return (String(self[..<dot]), String(self[index(after: dot)...]))
  }
}
