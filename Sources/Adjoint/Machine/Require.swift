internal import AdjointKernels

/// Stops the program with `message` unless `condition` holds, in release builds too.
///
/// For what the program itself can be blamed for: shapes, axes, element types, mixed tapes. Swift's
/// own `precondition` prints nothing in release builds. The message names the operation, what it
/// got, and the remedy. Operations of your own may use it as those of the package do.
@inlinable
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { stop(message()) }
}

/// Stops the program with `message`, after what was printed before. Within a layer of a model the message ends with
/// where that is, as in `… (in blocks.1.conv1)`.
@inline(never)
public func stop(_ message: String) -> Never {
  unsafe adjointStop(StopPlace.completed(message))
}

/// Stops the program with a message that says itself where that is.
func stopWithPlace(_ message: String) -> Never { unsafe adjointStop(message) }
