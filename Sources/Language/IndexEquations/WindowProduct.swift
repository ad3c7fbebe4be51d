import Tensors

/// A window that slides over an image, times a kernel, summed: `∑[k,l] x[i+k, j+l] * w[k,l]` and its kin, with strides, channels,
/// batches, flipped kernels, in one or two directions. It is a convolution, and the engine has a kernel for it.
struct WindowProduct {
  /// Where the two factors stand in the list.
  let image: Int
  let kernel: Int

  /// One direction in which the window slides: `S·p ± k + c` along an axis of the image.
  private struct Direction {
    let axis: Int
    /// The index of the window's place, and how far one step of it goes.
    let place: Int
    let stride: Int
    /// The index inside the window, and whether it runs backward.
    let inner: Int
    let isFlipped: Bool
    let constant: Int
  }

  private let base: Tensor
  private let weights: IndexedValue
  private let directions: [Direction]
  /// Axes of the image that one index walks along: index, axis, step, start.
  private let plain: [(index: Int, axis: Int, step: Int, constant: Int)]
  private let constants: [(axis: Int, constant: Int)]
  private let channels: [Int]

  /// The first window and kernel among the factors of a product.
  static func find(
    in factors: [IndexedRun.FactorList.Factor], _ summed: Set<Int>, _ run: IndexedRun
  ) throws -> WindowProduct? {
    guard factors.count >= 2, run.guards.isEmpty else { return nil }
    for (image, factor) in factors.enumerated() {
      guard case .read(let read)? = factor.code, let forms = try run.forms(of: read) else { continue }
      guard forms.forms.contains(where: { $0.coefficients.count == 2 }) else { continue }
      for kernel in factors.indices where kernel != image {
        let others = factors.indices.filter { $0 != image && $0 != kernel }.reduce(into: Set<Int>()) {
          $0.formUnion(factors[$1].indices)
        }
        if let found = try WindowProduct(
          image: image, kernel: kernel, base: forms.base, forms: forms.forms, factors: factors, others: others, summed,
          run)
        {
          return found
        }
      }
    }
    return nil
  }

  private init?(
    image: Int, kernel: Int, base: Tensor, forms: [AffineForm], factors: [IndexedRun.FactorList.Factor],
    others: Set<Int>, _ summed: Set<Int>, _ run: IndexedRun
  ) throws {
    let kernelIndices = factors[kernel].indices
    var directions: [Direction] = []
    var plain: [(index: Int, axis: Int, step: Int, constant: Int)] = []
    var constants: [(axis: Int, constant: Int)] = []
    var seen: Set<Int> = []
    for (axis, form) in forms.enumerated() {
      for index in form.coefficients.keys where !seen.insert(index).inserted { return nil }
      switch form.coefficients.count {
      case 0: constants.append((axis, form.constant))
      case 1:
        let (index, step) = form.coefficients.first!
        plain.append((index, axis, step, form.constant))
      case 2:
        guard let inner = form.coefficients.keys.first(where: { summed.contains($0) && kernelIndices.contains($0) }),
          let place = form.coefficients.keys.first(where: { $0 != inner }), !summed.contains(place),
          !kernelIndices.contains(place), !others.contains(inner), let stride = form.coefficients[place], stride > 0,
          let factor = form.coefficients[inner], abs(factor) == 1
        else { return nil }
        directions.append(
          Direction(
            axis: axis, place: place, stride: stride, inner: inner, isFlipped: factor < 0, constant: form.constant))
      default: return nil
      }
    }
    guard (1...2).contains(directions.count) else { return nil }
    var channels: [Int] = []
    for entry in plain {
      let isInKernel = kernelIndices.contains(entry.index)
      if summed.contains(entry.index) {
        guard isInKernel, !others.contains(entry.index) else { return nil }
        channels.append(entry.index)
      } else if isInKernel {
        return nil
      }
    }
    // Whatever else the kernel sums over has to be in the image.
    let inner = Set(directions.map(\.inner)).union(channels)
    guard kernelIndices.intersection(summed).isSubset(of: inner) else { return nil }
    let used = seen.union(kernelIndices)
    guard used.allSatisfy({ run.extent($0) > 0 }) else { return nil }
    let weights: IndexedValue
    if let value = factors[kernel].value {
      weights = value
    } else if case .read(let read)? = factors[kernel].code {
      weights = try run.indexed(try run.evaluate(.read(read)), read.expression)
    } else {
      return nil
    }
    guard weights.ownRank == 0, Set(weights.indices) == kernelIndices else { return nil }
    self.image = image
    self.kernel = kernel
    self.base = base
    self.weights = weights
    self.directions = directions
    self.plain = plain
    self.constants = constants
    self.channels = channels
  }

  /// The convolution.
  ///
  /// **Shapes**: image: `[batch, channels, h, w]`, kernel: `[out, channels, kh, kw]`; the result has an axis for every index of the
  /// batch, of `out`, and of the window's place.
  func run(_ run: IndexedRun, _ expression: Expression) throws -> IndexedValue {
    let batch = plain.filter { !channels.contains($0.index) }
    let inChannels = channels.map { index in plain.first { $0.index == index }! }
    var offsets = [Int](repeating: 0, count: base.rank)
    let order = batch + inChannels
    let rank = order.count + directions.count
    var coefficients = [[Int]](repeating: [Int](repeating: 0, count: rank), count: base.rank)
    var extents: [Int] = []
    for entry in order {
      offsets[entry.axis] = entry.constant + entry.step * (run.ranges[entry.index]?.lowerBound ?? 0)
      coefficients[entry.axis][extents.count] = entry.step
      extents.append(run.extent(entry.index))
    }
    for entry in constants { offsets[entry.axis] = entry.constant }
    for direction in directions {
      let places = run.ranges[direction.place] ?? 0..<1
      let inner = run.ranges[direction.inner] ?? 0..<1
      offsets[direction.axis] =
        direction.constant + direction.stride * places.lowerBound
        + (direction.isFlipped ? -(inner.upperBound - 1) : inner.lowerBound)
      coefficients[direction.axis][extents.count] = 1
      extents.append(direction.stride * (places.count - 1) + inner.count)
    }
    let out = weights.indices.filter { index in
      !channels.contains(index) && !directions.contains { $0.inner == index }
    }
    func product(_ indices: [Int]) -> Int { indices.reduce(1) { $0 * run.extent($1) } }
    do {
      let view = try AffineView(extents: Shape(checking: extents), offsets: offsets, coefficients: coefficients)
        .apply([base])
      let spatial = Array(extents.suffix(directions.count))
      let padded = directions.count == 1 ? [1] + spatial : spatial
      let x = view.reshaped(to: Shape([product(batch.map(\.index)), product(channels)] + padded))
      var w = weights.aligned(to: out + channels + directions.map(\.inner), ownRank: 0)
      for (place, direction) in directions.enumerated() where direction.isFlipped {
        let axis = out.count + channels.count + place
        var steps = (0..<w.rank).map { i in (0..<w.rank).map { i == $0 ? 1 : 0 } }
        steps[axis][axis] = -1
        var start = [Int](repeating: 0, count: w.rank)
        start[axis] = w.shape[axis] - 1
        w = try AffineView(extents: w.shape, offsets: start, coefficients: steps).apply(w)
      }
      let kernel = directions.map { run.extent($0.inner) }
      w = w.reshaped(to: Shape([product(out), product(channels)] + (directions.count == 1 ? [1] + kernel : kernel)))
      let strides = directions.map(\.stride)
      let y = try Conv2d(strides: directions.count == 1 ? (1, strides[0]) : (strides[0], strides[1]))
        .apply([
          x.cast(to: ElementType.joining(x.elementType, w.elementType)),
          w.cast(to: ElementType.joining(x.elementType, w.elementType)),
        ])
      let indices = batch.map(\.index) + out + directions.map(\.place)
      return IndexedValue(tensor: y.reshaped(to: Shape(indices.map { run.extent($0) })), indices: indices)
    } catch {
      throw run.fault(error, expression)
    }
  }
}

extension IndexedRun {
  /// The tensor a read is from and the affine form of each of its axes, where there is nothing else to it.
  fileprivate func forms(of read: IndexedRead) throws -> (base: Tensor, forms: [AffineForm])? {
    guard case .plain(let invariant) = read.base, case .tensor(let tensor) = try value(invariant),
      tensor.rank == read.subscripts.count
    else { return nil }
    let places = try places(of: read, .plain(.tensor(tensor)))
    var forms: [AffineForm] = []
    for place in places {
      switch place.item {
      case .affine(let code, _, _):
        guard let form = try form(code, place) else { return nil }
        forms.append(pinned(form, place))
      case .fixed(let invariant):
        guard case .number(let number) = try value(invariant), let whole = Int(exactly: number) else { return nil }
        forms.append(AffineForm(constant: whole))
      default: return nil
      }
      guard let reach = forms[forms.count - 1].reach(ranges), reach.lowerBound >= 0, reach.upperBound < place.extent
      else { return nil }
    }
    return (tensor, forms)
  }
}
