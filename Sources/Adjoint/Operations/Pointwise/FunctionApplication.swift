/// A function applied element by element: what is known of it, the operation has from the function.
package protocol FunctionApplication: LinearOperation, ExactlyChangingOperation {
  associatedtype Function
}

extension FunctionApplication {
  package var linearity: Linearity? { (Function.self as? any LinearFunction.Type)?.linearity }

  package var changesExactly: Bool { Function.self is any ExactlyChangingFunction.Type }

  package func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor? {
    (Function.self as? any ExactlyChangingFunction.Type)?.change(from: before, by: changes)
  }
}
