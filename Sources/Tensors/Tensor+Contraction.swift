/// A tensor whose axes carry names, here small numbers: the `i` and `k` of `A[i,k]`.
public struct Indexed: Sendable {
  public var tensor: Tensor
  /// The name of each axis; no name stands twice.
  public var indices: [Int]

  /// - Precondition: as many different indices as axes.
  public init(_ tensor: Tensor, _ indices: [Int]) {
    precondition(tensor.rank == indices.count && Set(indices).count == indices.count, "one index for each axis")
    self.tensor = tensor
    self.indices = indices
  }

  /// The extent along an index; nil if the tensor does not have it.
  public func extent(of index: Int) -> Int? { indices.firstIndex(of: index).map { tensor.shape[$0] } }

  /// The tensor with its axes in the order of `order`, and an axis of extent 1 for every index it does not have.
  public func aligned(to order: [Int]) -> Tensor {
    let present = order.filter { indices.contains($0) }
    let places = present.map { indices.firstIndex(of: $0)! }
    precondition(places.count == indices.count, "every index of the tensor is in the order")
    let permuted = places == Array(0..<places.count) ? tensor : Permute(places)(tensor)
    return present.count == order.count
      ? permuted : permuted.reshaped(to: Shape(order.map { extent(of: $0) ?? 1 }))
  }

  /// The sum over some of the indices.
  public func summed(over summed: Set<Int>) -> Indexed {
    let kept = indices.filter { !summed.contains($0) }
    guard kept.count < indices.count else { return self }
    let target = Shape(zip(indices, tensor.shape.dimensions).map { summed.contains($0) ? 1 : $1 })
    let sum = SumTo(target)(tensor)
    return Indexed(sum.reshaped(to: Shape(kept.map { extent(of: $0)! })), kept)
  }
}

/// The sum over all indices that are not in `output` of the product of the factors: `∑[k] A[i,k]·B[k,j]` for two matrices.
///
/// Factors are multiplied pairwise, in the order that costs the fewest multiplications (found exactly for up to six factors), each
/// pair as a batched matrix product; an index that only one factor has is summed out of it first. Differentiable to any order, since
/// it is made of products, permutations and sums.
///
/// **Shapes**: factor n: an extent for each of its indices, the same wherever an index stands. Result: one axis for each of `output`.
///
/// - Throws: `ShapeError` if a product on the way would be past the memory limit.
/// - Precondition: every output index is in some factor; extents agree.
/// - Complexity: that of the cheapest pairwise order.
public func contraction(of factors: [Indexed], to output: [Int]) throws(ShapeError) -> Tensor {
  precondition(!factors.isEmpty, "a product has factors")
  var remaining = factors.enumerated().map { position, factor in
    let elsewhere = Set(output).union(factors.enumerated().filter { $0.offset != position }.flatMap(\.element.indices))
    return factor.summed(over: Set(factor.indices).subtracting(elsewhere))
  }
  for (first, second) in ContractionPlan(remaining, output: output).steps {
    let (a, b) = (remaining[first], remaining[second])
    remaining.remove(at: second)
    remaining.remove(at: first)
    let needed = Set(output).union(remaining.flatMap(\.indices))
    remaining.append(try pairwise(a, b, keeping: needed))
  }
  return remaining[0].summed(over: Set(remaining[0].indices).subtracting(output)).aligned(to: output)
}

/// The product of two factors, summed over the indices nobody needs any more.
private func pairwise(_ a: Indexed, _ b: Indexed, keeping needed: Set<Int>) throws(ShapeError) -> Indexed {
  let shared = a.indices.filter { b.indices.contains($0) }
  let contracted = shared.filter { !needed.contains($0) }
  let batch = shared.filter { needed.contains($0) }
  let left = a.indices.filter { !shared.contains($0) }
  let right = b.indices.filter { !shared.contains($0) }
  if contracted.isEmpty {
    let order = batch + left + right
    // Both sides may stretch here: the indices say what is meant.
    let shape = Shape(order.map { a.extent(of: $0) ?? b.extent(of: $0)! })
    let (x, y) = (a.aligned(to: order), b.aligned(to: order))
    if x.shape == shape || y.shape == shape { return Indexed(try Multiply().apply(x, y), order) }
    return Indexed(try Multiply().apply(try Broadcast(to: shape).apply([x]), y), order)
  }
  func count(_ indices: [Int], _ factor: Indexed) -> Int { indices.reduce(1) { $0 * factor.extent(of: $1)! } }
  let (rows, inner, columns) = (count(left, a), count(contracted, a), count(right, b))
  let lead = batch.map { a.extent(of: $0)! }
  let x = a.aligned(to: batch + left + contracted).reshaped(to: Shape(lead + [rows, inner]))
  let y = b.aligned(to: batch + contracted + right).reshaped(to: Shape(lead + [inner, columns]))
  let product = try MatrixProduct().apply(x, y)
  let order = batch + left + right
  return Indexed(product.reshaped(to: Shape(order.map { a.extent(of: $0) ?? b.extent(of: $0)! })), order)
}

/// In which order to multiply factors so that the fewest multiplications are needed.
struct ContractionPlan {
  /// Positions, the smaller first, in the list that remains: both are taken out and their product goes to the end.
  private(set) var steps: [(Int, Int)] = []
  /// Multiplications of all steps together.
  private(set) var cost: Double = 0

  init(_ factors: [Indexed], output: [Int]) {
    var extents: [Int: Double] = [:]
    for factor in factors {
      for (index, extent) in zip(factor.indices, factor.tensor.shape.dimensions) { extents[index] = Double(extent) }
    }
    let sets = factors.map { Set($0.indices) }
    let best = sets.count <= 6 ? Self.exact(sets, Set(output), extents) : Self.greedy(sets, Set(output), extents)
    (steps, cost) = best
  }

  private typealias Result = (steps: [(Int, Int)], cost: Double)

  private static func cost(of a: Set<Int>, _ b: Set<Int>, _ extents: [Int: Double]) -> Double {
    a.union(b).reduce(1) { $0 * extents[$1]! }
  }

  /// What is left of a list after two were multiplied.
  private static func merged(_ sets: [Set<Int>], _ i: Int, _ j: Int, _ output: Set<Int>) -> [Set<Int>] {
    var rest = sets
    rest.remove(at: j)
    rest.remove(at: i)
    let needed = rest.reduce(output) { $0.union($1) }
    return rest + [sets[i].union(sets[j]).intersection(needed)]
  }

  private static func exact(_ sets: [Set<Int>], _ output: Set<Int>, _ extents: [Int: Double]) -> Result {
    guard sets.count > 1 else { return ([], 0) }
    var best: Result = ([], .infinity)
    for i in 0..<(sets.count - 1) {
      for j in (i + 1)..<sets.count {
        let here = cost(of: sets[i], sets[j], extents)
        guard here < best.cost else { continue }
        let rest = exact(merged(sets, i, j, output), output, extents)
        if here + rest.cost < best.cost { best = ([(i, j)] + rest.steps, here + rest.cost) }
      }
    }
    return best
  }

  private static func greedy(_ sets: [Set<Int>], _ output: Set<Int>, _ extents: [Int: Double]) -> Result {
    var sets = sets
    var result: Result = ([], 0)
    while sets.count > 1 {
      var best = (i: 0, j: 1, cost: Double.infinity)
      for i in 0..<(sets.count - 1) {
        for j in (i + 1)..<sets.count {
          let here = cost(of: sets[i], sets[j], extents)
          if here < best.cost { best = (i, j, here) }
        }
      }
      result.steps.append((best.i, best.j))
      result.cost += best.cost
      sets = merged(sets, best.i, best.j, output)
    }
    return result
  }
}
