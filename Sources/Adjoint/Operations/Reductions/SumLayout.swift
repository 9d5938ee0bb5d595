/// Elements to reduce as [groups, outer, kept, inner], where `outer` and `inner` are reduced.
///
/// All reductions of usual layers have this form: of everything, of rows, of columns, and of all
/// axes but the channels'.
struct SumLayout {
  private(set) var (groups, outer, kept, inner) = (1, 1, 1, 1)

  /// The layout for a reduction over axes; nil if it has another form.
  init?(_ type: TensorType, over axes: [Int]) {
    // From the last axis on; neighbours of one kind are one axis.
    var place = 0
    for axis in type.shape.indices.reversed() where type.shape[axis] != 1 {
      if axes.contains(axis) != place.isMultiple(of: 2) { place += 1 }
      switch place {
      case 0: inner *= type.shape[axis]
      case 1: kept *= type.shape[axis]
      case 2: outer *= type.shape[axis]
      case 3: groups *= type.shape[axis]
      default: return nil
      }
    }
  }

  /// The number of elements that make one result.
  var size: Int { outer * inner }

  /// The number of results.
  var count: Int { groups * kept }

  /// Where the elements of a result start.
  func start(of result: Int) -> Int {
    (result / kept * outer * kept + result % kept) * inner
  }

  /// Calls `rows` for results of which each is made of `outer` runs of elements that lie together, the runs
  /// kept · inner apart, or `columns` for results that lie side by side, their elements `kept` apart; on
  /// several threads. Both get the first element, the first result, and the number of results.
  ///
  /// - Parameter work: how much of what a kernel does, counted in elements, is worth a thread.
  func inParallel(
    grain work: Int, rows: (Int, Int, Int) -> Void, columns: (Int, Int, Int) -> Void
  ) {
    guard count * size > 0 else { return }
    if inner == 1, outer > 1 {
      AxisSplit(outer: groups, extent: outer, inner: kept).inParallel(grain: work) { range in
        // One column: its elements lie together.
        rows(range.lowerBound * outer, range.lowerBound, range.count)
      } columns: { group, range in
        let first = range.lowerBound
        columns(group * outer * kept + first, group * kept + first, range.count)
      }
      return
    }
    // Without outer axes, the results of all groups lie one after another.
    let length = outer == 1 ? count : kept
    Adjoint.inParallel(count, grain: Grain.count(of: size, in: work)) { results in
      var first = results.lowerBound
      while first < results.upperBound {
        let end = min(results.upperBound, (first / length + 1) * length)
        rows(start(of: first), first, end - first)
        first = end
      }
    }
  }
}
