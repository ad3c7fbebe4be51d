import Language
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Windows, attention and the layers of networks, each by its formula and with plain loops.
extension SecondComputation {
  /// Built-ins of whole arrays; nil for a name that is none of them.
  mutating func arrayCall(_ name: String, _ inputs: [PlainNumbers], _ options: [String: Int]) throws(Refusal)
    -> PlainNumbers?
  {
    let x = inputs[0]
    switch name {
    case "flatten" where inputs.count == 1: return PlainNumbers([x.values.count], x.values)
    case "max_pool2d", "avg_pool2d":
      guard inputs.count == 2, inputs[1].isNumber else { return nil }
      let side = Int(inputs[1].values[0])
      return try pool(x, side, options["stride"] ?? side, options["padding"] ?? 0, isMax: name == "max_pool2d")
    case "attention" where inputs.count == 3: return try attention(x, inputs[1], inputs[2])
    case "layer_norm" where inputs.count == 1: return try normalized(x, epsilon: 1e-5)
    default: return nil
    }
  }

  /// A network layer by layer.
  mutating func run(_ network: Network, _ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    var x = x
    for layer in network.layers { x = try run(layer, x) }
    return x
  }

  private mutating func run(_ layer: any Layer, _ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    switch layer {
    case let network as Network: return try run(network, x)
    case let dense as Dense:
      let y = try product(x, PlainNumbers(dense.weight))
      guard let bias = dense.bias else { return y }
      return try zip(y, PlainNumbers(bias)) { $0 + $1 }
    case is Dropout, is Input: return x
    case is Flatten: return PlainNumbers([x.shape[0], x.shape.dropFirst().reduce(1, *)], x.values)
    case let convolution as Networks.Conv2d: return try convolved(x, convolution)
    case let pool as Networks.MaxPool2d: return try self.pool(x, pool.side, pool.stride, pool.padding, isMax: true)
    case let pool as Networks.AvgPool2d: return try self.pool(x, pool.side, pool.stride, 0, isMax: false)
    case let norm as LayerNorm:
      let z = try normalized(x, epsilon: norm.epsilon)
      let scaled = try zip(z, PlainNumbers(norm.gain)) { $0 * $1 }
      return try zip(scaled, PlainNumbers(norm.shift)) { $0 + $1 }
    case let norm as BatchNorm where x.shape.count == 2:
      let centred = try zip(x, PlainNumbers(norm.runningMean)) { $0 - $1 }
      let z = try zip(centred, PlainNumbers(norm.runningVariance)) { $0 / ($1 + norm.epsilon).squareRoot() }
      let scaled = try zip(z, PlainNumbers(norm.gain)) { $0 * $1 }
      return try zip(scaled, PlainNumbers(norm.shift)) { $0 + $1 }
    case let embedding as Networks.Embedding:
      let table = PlainNumbers(embedding.weight)
      let width = table.shape[1]
      return PlainNumbers(
        x.shape + [width], x.values.flatMap { table.values[(Int($0) * width)..<((Int($0) + 1) * width)] })
    case let residual as Residual:
      let parts = residual.parts.map(\.layer)
      let around = parts.count > 1 ? try run(parts[1], x) : x
      return try zip(around, try run(parts[0], x)) { $0 + $1 }
    case let attention as MultiHeadAttention: return try heads(attention, x)
    case let block as TransformerBlock: return try run(block, x)
    case let recurrent as any RecurrentLayer: return try recurrence(recurrent, x)
    case is FunctionLayer:
      if let function = Self.functions[layer.kind] { return PlainNumbers(x.shape, x.values.map(function)) }
      if layer.kind == "softmax" || layer.kind == "log_softmax" { return try reduce(layer.kind, x, nil) }
      throw .unknown(layer.kind)
    default: throw .unknown(layer.kind)
    }
  }

  /// Attention, then a small network, each added to what it was given; normalised before or after.
  private mutating func run(_ block: TransformerBlock, _ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    let parts = block.parts.map(\.layer)
    guard let function = Self.functions["relu"], parts.count == 5, !block.description.contains("gelu") else {
      throw .unknown("TransformerBlock")
    }
    let isBefore = block.description.contains("\"before\"")
    let attended = try run(parts[0], isBefore ? try run(parts[1], x) : x)
    var u = try zip(x, attended) { $0 + $1 }
    if !isBefore { u = try run(parts[1], u) }
    let inner = try run(parts[2], isBefore ? try run(parts[4], u) : u)
    let y = try zip(u, try run(parts[3], PlainNumbers(inner.shape, inner.values.map(function)))) { $0 + $1 }
    return isBefore ? y : try run(parts[4], y)
  }

  // MARK: Windows

  /// `y[n,o,i,j] = b[o] + ∑[c,k,l] x[n,c,si+k-P,sj+l-P]·W[o,c,k,l]`
  private mutating func convolved(_ x: PlainNumbers, _ layer: Networks.Conv2d) throws(Refusal) -> PlainNumbers {
    let weight = PlainNumbers(layer.weight)
    guard x.shape.count == 4 else { throw .unknown("Conv2d") }
    let (rows, columns, stride) = (weight.shape[2], weight.shape[3], layer.stride)
    let vertical = layer.padding.edges(extent: x.shape[2], window: rows, stride: stride)
    let horizontal = layer.padding.edges(extent: x.shape[3], window: columns, stride: stride)
    let height = (x.shape[2] + vertical.before + vertical.after - rows) / stride + 1
    let width = (x.shape[3] + horizontal.before + horizontal.after - columns) / stride + 1
    let (images, channels, kernels) = (x.shape[0], x.shape[1], weight.shape[0])
    try spend(images * kernels * height * width * channels * rows * columns)
    let bias = layer.bias.map { PlainNumbers($0).values }
    var values: [Double] = []
    for n in 0..<images {
      for o in 0..<kernels {
        for i in 0..<height {
          for j in 0..<width {
            var sum = bias?[o] ?? 0
            for c in 0..<channels {
              for k in 0..<rows {
                let row = i * stride + k - vertical.before
                guard (0..<x.shape[2]).contains(row) else { continue }
                for l in 0..<columns {
                  let column = j * stride + l - horizontal.before
                  guard (0..<x.shape[3]).contains(column) else { continue }
                  sum +=
                    x.values[((n * channels + c) * x.shape[2] + row) * x.shape[3] + column]
                    * weight.values[((o * channels + c) * rows + k) * columns + l]
                }
              }
            }
            values.append(sum)
          }
        }
      }
    }
    return PlainNumbers([images, kernels, height, width], values)
  }

  private mutating func pool(_ x: PlainNumbers, _ side: Int, _ stride: Int, _ padding: Int, isMax: Bool)
    throws(Refusal) -> PlainNumbers
  {
    guard x.shape.count >= 2, side > 0, stride > 0 else { throw .unknown("a pooling") }
    let (rows, columns) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1])
    let height = (rows + 2 * padding - side) / stride + 1
    let width = (columns + 2 * padding - side) / stride + 1
    guard height > 0, width > 0 else { throw .unknown("a pooling") }
    let images = x.values.count / max(1, rows * columns)
    try spend(images * height * width * side * side)
    var values: [Double] = []
    for image in 0..<images {
      for i in 0..<height {
        for j in 0..<width {
          var (largest, sum) = (-Double.infinity, 0.0)
          for k in 0..<side {
            for l in 0..<side {
              let (row, column) = (i * stride + k - padding, j * stride + l - padding)
              guard (0..<rows).contains(row), (0..<columns).contains(column) else { continue }
              let number = x.values[(image * rows + row) * columns + column]
              largest = max(largest, number)
              sum += number
            }
          }
          values.append(isMax ? largest : sum / Double(side * side))
        }
      }
    }
    return PlainNumbers(Array(x.shape.dropLast(2)) + [height, width], values)
  }

  // MARK: Attention

  /// `softmax(Q Kᵀ / √d) V`
  private mutating func attention(_ q: PlainNumbers, _ k: PlainNumbers, _ v: PlainNumbers, isCausal: Bool = false)
    throws(Refusal) -> PlainNumbers
  {
    guard q.shape.count == 2, k.shape.count == 2, v.shape.count == 2 else { throw .unknown("attention of a batch") }
    var scores = try product(q, transpose(k))
    let root = Double(k.shape[1]).squareRoot()
    let columns = k.shape[0]
    for place in scores.values.indices {
      let isHidden = isCausal && place % columns > place / columns
      scores.values[place] = isHidden ? -.infinity : scores.values[place] / root
    }
    return try product(try reduce("softmax", scores, nil), v)
  }

  private mutating func heads(_ layer: MultiHeadAttention, _ x: PlainNumbers) throws(Refusal) -> PlainNumbers {
    guard (2...3).contains(x.shape.count) else { throw .unknown("MultiHeadAttention") }
    let (steps, width) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1])
    let each = width / layer.heads
    let weights = layer.parameters.map { PlainNumbers($0.value) }
    var values: [Double] = []
    for sample in 0..<(x.values.count / max(1, steps * width)) {
      let own = PlainNumbers(
        [steps, width], Array(x.values[(sample * steps * width)..<((sample + 1) * steps * width)]))
      var projected: [PlainNumbers] = []
      for part in 0..<3 {
        projected.append(try zip(try product(own, weights[2 * part]), weights[2 * part + 1]) { $0 + $1 })
      }
      var joined = [Double](repeating: 0, count: steps * width)
      for head in 0..<layer.heads {
        func columns(_ all: PlainNumbers) -> PlainNumbers {
          PlainNumbers(
            [steps, each], (0..<steps * each).map { all.values[$0 / each * width + head * each + $0 % each] })
        }
        let context = try attention(
          columns(projected[0]), columns(projected[1]), columns(projected[2]), isCausal: layer.isCausal)
        for place in context.values.indices {
          joined[place / each * width + head * each + place % each] = context.values[place]
        }
      }
      values += try zip(try product(PlainNumbers([steps, width], joined), weights[6]), weights[7]) { $0 + $1 }.values
    }
    return PlainNumbers(x.shape, values)
  }

  /// Each row less its mean, divided by the root of its variance.
  private mutating func normalized(_ x: PlainNumbers, epsilon: Double) throws(Refusal) -> PlainNumbers {
    guard let width = x.shape.last, width > 0 else { throw .unknown("a normalisation") }
    try spend(x.values.count)
    var values: [Double] = []
    for row in 0..<(x.values.count / width) {
      let numbers = x.values[(row * width)..<((row + 1) * width)]
      let mean = numbers.reduce(0, +) / Double(width)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      values += numbers.map { ($0 - mean) / (variance + epsilon).squareRoot() }
    }
    return PlainNumbers(x.shape, values)
  }
}
