import Tensors

/// A value for every value of some indices: what `x[i,k] * w[k]` is while an index equation is computed.
///
/// **Shapes**: `tensor`: an axis for each of `indices`, then the value's own axes: those a tensor on the right adds.
struct IndexedValue {
  var tensor: Tensor
  /// The numbers of the index variables, one for each leading axis; none stands twice.
  var indices: [Int]

  /// The axes of the value itself.
  var ownRank: Int { tensor.rank - indices.count }

  var ownShape: Shape { Shape(Array(tensor.shape.dimensions.dropFirst(indices.count))) }

  var indexExtents: [Int] { Array(tensor.shape.dimensions.prefix(indices.count)) }

  func extent(of index: Int) -> Int? { indices.firstIndex(of: index).map { tensor.shape[$0] } }

  /// The value with its index axes in the order of `order`, an axis of extent 1 for each it does not have, and its own axes behind
  /// as many of extent 1 as make them `rank`.
  func aligned(to order: [Int], ownRank rank: Int) -> Tensor {
    let present = order.filter { indices.contains($0) }
    let places = present.map { indices.firstIndex(of: $0)! } + (indices.count..<tensor.rank)
    var result = places == Array(0..<tensor.rank) ? tensor : Permute(places)(tensor)
    let extents = order.map { extent(of: $0) ?? 1 } + Array(repeating: 1, count: rank - ownRank) + ownShape.dimensions
    if extents.count != result.rank { result = result.reshaped(to: Shape(extents)) }
    // Along indices anything may stretch: the letters say what is meant.
    result.mayStretch = true
    return result
  }

  /// The value with exactly these index axes: it is repeated along those it does not depend on.
  func spread(over order: [Int], extents: [Int]) -> Tensor {
    let aligned = aligned(to: order, ownRank: ownRank)
    let target = Shape(extents + ownShape.dimensions)
    return aligned.shape == target ? aligned : Broadcast(to: target)(aligned)
  }

  /// The value at the first place of every index: what an error shows.
  var sample: Value? {
    guard tensor.count > 0 else { return nil }
    var result = tensor.detached
    for _ in indices { result = result[0] }
    return .tensor(result)
  }

  /// Two values over the same indices, ready for an elementwise operation: at most one of them still has to stretch.
  static func aligned(_ a: IndexedValue, _ b: IndexedValue) -> (indices: [Int], a: Tensor, b: Tensor) {
    let order = a.indices + b.indices.filter { !a.indices.contains($0) }
    let rank = max(a.ownRank, b.ownRank)
    var x = a.aligned(to: order, ownRank: rank)
    let y = b.aligned(to: order, ownRank: rank)
    if x.shape != y.shape, !x.shape.stretches(to: y.shape), !y.shape.stretches(to: x.shape) {
      x = Broadcast(to: Shape(zip(x.shape.dimensions, y.shape.dimensions).map { $0 == 1 ? $1 : $0 }))(x)
    }
    return (order, x, y)
  }
}

/// What a part of an equation gives: one value, or one for every value of the indices it depends on.
enum Part {
  case plain(Value)
  case indexed(IndexedValue)

  init(_ tensor: Tensor, _ indices: [Int]) {
    self = indices.isEmpty ? .plain(Value(tensor)) : .indexed(IndexedValue(tensor: tensor, indices: indices))
  }

  var indices: [Int] { if case .indexed(let value) = self { value.indices } else { [] } }
}

/// Why a part cannot be computed for all values of its indices at once: it has to be done for each value of some of them.
struct NeedsEach: Error {
  let indices: Set<Int>
  /// What is wrong if that does not help either.
  let fault: Fault
}
