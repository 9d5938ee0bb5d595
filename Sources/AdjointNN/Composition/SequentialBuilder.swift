import Adjoint

/// Collects the layers of a ``Sequential``.
@resultBuilder
public enum SequentialBuilder {
  /// Makes the sequence of the layers listed.
  public static func buildBlock<each Element: Layer>(
    _ layers: repeat each Element
  ) -> Sequential<repeat each Element> {
    Sequential(layers: repeat each layers)
  }

  /// Lists a layer.
  public static func buildExpression<Element: Layer>(_ layer: Element) -> Element { layer }

  /// Lists the layers of an array, of one type.
  public static func buildExpression<Element: Layer>(_ layers: [Element]) -> LayerArray<Element> {
    LayerArray(layers)
  }

  /// Lists the layers of an array, of any types.
  public static func buildExpression(_ layers: [any Layer]) -> LayerArray<AnyLayer> {
    LayerArray(layers.map { AnyLayer($0) })
  }

  /// Lists the layers of an `if`, or none.
  public static func buildOptional<Body: Layer>(_ body: Body?) -> LayerArray<Body> {
    LayerArray(body.map { [$0] } ?? [], isOfBodies: true)
  }

  /// Lists the layers of the branch that is taken.
  public static func buildEither<First: Layer, Second: Layer>(
    first body: First
  ) -> LayerChoice<First, Second> { .first(body) }

  /// Lists the layers of the branch that is taken.
  public static func buildEither<First: Layer, Second: Layer>(
    second body: Second
  ) -> LayerChoice<First, Second> { .second(body) }

  /// Lists the layers of each turn of a loop.
  public static func buildArray<Body: Layer>(_ bodies: [Body]) -> LayerArray<Body> {
    LayerArray(bodies, isOfBodies: true)
  }

  /// Lists the layers of an `if #available`, whose types not every system knows.
  public static func buildLimitedAvailability<Body: Layer>(_ body: Body) -> AnyLayer {
    AnyLayer(body)
  }
}
