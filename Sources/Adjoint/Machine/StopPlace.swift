internal import AdjointKernels

/// Who can say what a program was at when it stops.
protocol StopPlaceOwner: AnyObject {
  /// What stands at a number, from the outside in; nil if nothing is known. Called in a program that stops, on a thread
  /// that may hold a lock.
  func names(ofPlace number: Int) -> [String]?
}

/// What a thread is at, for the message of a stop: each place is on the stack of the call that is at it.
@safe
struct StopPlace {
  private let name: String
  private let kind: Kind
  private let owner: (any StopPlaceOwner)?
  private let number: Int
  private let outer: UnsafeRawPointer?

  /// What a place is.
  enum Kind {
    /// Something that is shown as one.
    case group
    /// A layer, which is shown as one, and speaks for the functions that it is made of.
    case layer
    /// A function that is made of others, for which it speaks.
    case function
    /// A computation that was put off, which what is around it has nothing to do with.
    case evaluation
  }

  /// Calls `body`; a stop meanwhile says that it was at a place.
  /// - Parameters:
  ///   - kind: what the place is.
  ///   - name: what it is called, unless its owner knows better.
  ///   - owner: who may know where it is.
  ///   - number: the place, among those of its owner.
  ///   - body: what is done there.
  @inline(__always)
  static func at<Result>(
    _ kind: Kind, _ name: String, of owner: (any StopPlaceOwner)? = nil, _ number: Int = 0,
    _ body: () throws -> Result
  ) rethrows -> Result {
    let place = unsafe StopPlace(
      name: name, kind: kind, owner: owner, number: number, outer: adjointPlace())
    return try unsafe withUnsafePointer(to: place) { address in
      unsafe adjointSetPlace(address)
      defer { unsafe adjointSetPlace(place.outer) }
      return try body()
    }
  }

  /// A message as the function says it that the program has called, and with the layer that it has called it in, as in
  /// `… (in blocks.1.conv1)`, unless the message begins with that.
  static func completed(_ message: String) -> String {
    var (names, function, next): ([String], String?, UnsafeRawPointer?) = (
      [], nil, unsafe adjointPlace()
    )
    // What is asked below may stop, too.
    adjointSetPlace(nil)
    while let address = unsafe next {
      let place = unsafe address.assumingMemoryBound(to: StopPlace.self).pointee
      unsafe next = place.outer
      if place.kind == .function || place.kind == .layer, names.isEmpty { function = place.name }
      if place.kind == .function { continue }
      let known = place.owner?.names(ofPlace: place.number)
      names = (known ?? (place.name.isEmpty ? [] : [place.name])) + names
      if known != nil || place.kind == .evaluation { break }
    }
    let said = function.map { message.said(by: $0) } ?? message
    names.removeAll { said.hasPrefix($0 + ":") }
    return names.isEmpty ? said : said + " (in \(names.joined(separator: " › ")))"
  }
}

/// Calls `body`, which is what a function is made of: a message of an operation in it is said in the name of the
/// function.
@inline(__always)
package func speaking<Result>(as function: String, _ body: () throws -> Result) rethrows -> Result {
  try StopPlace.at(.function, function) { try body() }
}

extension String {
  /// A message that begins with another name than its own, if it does with that of a function: a variable of the
  /// environment is to be mended under its own name.
  fileprivate func said(by function: String) -> String {
    guard let colon = firstIndex(of: ":") else { return self }
    let name = self[..<colon]
    if name.contains(" ") || name.hasPrefix("ADJOINT_") { return self }
    return function + self[colon...]
  }
}
