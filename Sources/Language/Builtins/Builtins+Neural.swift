import Networks
import Tensors

extension BuiltinCatalogue {
  private static let shares: @Sendable (Tensor) throws -> Tensor = { try Engine.softmax($0, axis: $0.rank - 1) }
  private static let logarithmsOfShares: @Sendable (Tensor) throws -> Tensor = {
    try Engine.softmax($0, axis: $0.rank - 1, isLogarithm: true)
  }

  /// What networks are made of, as functions.
  static let neural: [Builtin] = [
    Builtin(
      "softmax(x, axis: -1)", .neural, "Each number's exponential over the sum of all: shares that add up to 1.",
      formula: "s_j = \\frac{e^{x_j - m}}{\\sum_k e^{x_k - m}}, \\quad m = \\max_k x_k", shapes: "any, along the axis",
      derivative: "s_j (\\delta_{jk} - s_k)",
      example: ("softmax([0, 0])", "[0.5, 0.5]"), tensor: shares
    ) { call in
      let axis = try call.whole(1)
      return try call.map { try Engine.softmax($0, axis: try $0.shape.resolve(axis: axis)) }
    },
    Builtin(
      "log_softmax(x, axis: -1)", .neural, "The logarithm of softmax, without overflow.",
      formula: "x_j - m - \\ln \\sum_k e^{x_k - m}", shapes: "any, along the axis",
      derivative: "\\delta_{jk} - s_k",
      example: ("log_softmax([0, 0])", "[-0.6931471805599453, -0.6931471805599453]"),
      tensor: logarithmsOfShares
    ) { call in
      let axis = try call.whole(1)
      return try call.map { try Engine.softmax($0, axis: try $0.shape.resolve(axis: axis), isLogarithm: true) }
    },
    Builtin(
      "conv1d(x, w, b: none, stride: 1, padding: 0)", .neural, "Cross-correlation along the last axis.",
      formula: "y_{noi} = \\sum_{ck} x_{nc,i+k} w_{ock}", shapes: "x: [n, c, l], w: [out, c, k] → [n, out, l']",
      example: ("conv1d(reshape([1, 2, 3], 1, 1, 3), reshape([1, 1], 1, 1, 2))", "[[3, 5]] |> (x -> x[new, :, :])")
    ) { call in
      let (x, w) = (try call.tensor(0), try call.tensor(1))
      guard x.rank == 3 else { throw ShapeError.rank(x.shape, expected: "[n, c, l]") }
      guard w.rank == 3 else { throw ShapeError.rank(w.shape, expected: "[out, in, k]") }
      let image = x.reshaped(to: [x.shape[0], x.shape[1], 1, x.shape[2]])
      let kernel = w.reshaped(to: [w.shape[0], w.shape[1], 1, w.shape[2]])
      let (before, after) = try call.padding(
        w.shape[2], stride: try call.whole("stride", atLeast: 1), extent: x.shape[2])
      let y = try Engine.convolve(
        image, kernel, stride: (1, try call.whole("stride", atLeast: 1)), padding: ((0, 0), (before, after)))
      return Value(try call.adding(bias: y.reshaped(to: [y.shape[0], y.shape[1], y.shape[3]])))
    },
    Builtin(
      "conv2d(x, w, b: none, stride: 1, padding: 0)", .neural, "Cross-correlation of images with kernels.",
      formula: "y_{noij} = \\sum_{ckl} x_{nc,i+k,j+l} w_{ockl}",
      shapes: "x: [n, c, h, w], w: [out, c, kh, kw] → [n, out, h', w']; x: [h, w], w: [kh, kw] → [h', w']",
      example: ("shape(conv2d(ones(1, 1, 4, 4), ones(2, 1, 3, 3), padding: \"same\"))", "(1, 2, 4, 4)")
    ) { call in
      var (x, w) = (try call.tensor(0), try call.tensor(1))
      // One image and one kernel of numbers alone.
      let isPlain = x.rank == 2 && w.rank == 2
      if isPlain {
        (x, w) = (
          x.reshaped(to: Shape([1, 1] + x.shape.dimensions)), w.reshaped(to: Shape([1, 1] + w.shape.dimensions))
        )
      }
      guard x.rank == 4 else { throw ShapeError.rank(x.shape, expected: "[n, c, h, w]") }
      guard w.rank == 4 else { throw ShapeError.rank(w.shape, expected: "[out, in, kh, kw]") }
      let stride = try call.whole("stride", atLeast: 1)
      let rows = try call.padding(w.shape[2], stride: stride, extent: x.shape[2])
      let columns = try call.padding(w.shape[3], stride: stride, extent: x.shape[3])
      let y = try call.adding(bias: try Engine.convolve(x, w, stride: (stride, stride), padding: (rows, columns)))
      return Value(isPlain ? y.reshaped(to: Shape(Array(y.shape.dimensions.suffix(2)))) : y)
    },
    Builtin(
      "max_pool2d(x, k, stride: none)", .neural, "The largest number of each window.",
      formula: "y_{ncij} = \\max_{kl} x_{nc,si+k,sj+l}",
      shapes: "x: [n, c, h, w] or [c, h, w] or [h, w] → the same with h', w'",
      example: ("max_pool2d(reshape([1, 2, 3, 4], 1, 1, 2, 2), 2) |> flatten", "[4]")
    ) { call in
      let k = try call.whole(1, atLeast: 1)
      let stride = call[2].isNothing ? k : try call.whole(2, atLeast: 1)
      return Value(try call.pooled(k, stride: stride, isMax: true))
    },
    Builtin(
      "avg_pool2d(x, k, stride: none)", .neural, "The mean of each window.",
      formula: "y_{ncij} = \\frac{1}{k^2} \\sum_{kl} x_{nc,si+k,sj+l}",
      shapes: "x: [n, c, h, w] or [c, h, w] or [h, w] → the same with h', w'",
      example: ("avg_pool2d(reshape([1, 2, 3, 6], 1, 1, 2, 2), 2) |> flatten", "[3]")
    ) { call in
      let k = try call.whole(1, atLeast: 1)
      let stride = call[2].isNothing ? k : try call.whole(2, atLeast: 1)
      return Value(try call.pooled(k, stride: stride, isMax: false))
    },
    Builtin(
      "dropout(x, rate)", .neural, "Zero with the given probability, else divided by the probability to stay.",
      formula: "y_i = x_i \\frac{m_i}{1 - p}", shapes: "any", derivative: "m_i / (1 - p)",
      example: ("dropout([1, 2], 0)", "[1, 2]")
    ) { call in
      let x = try call.tensor(0)
      let rate = try call.number(1)
      guard rate >= 0, rate < 1 else { throw call.wrong(1, "a share from 0 to below 1") }
      let machine = call.machine
      let mask: Tensor =
        switch x.elementType {
        case .float64:
          Tensor(x.shape, as: Double.self) {
            machine.random.fillMask(.init(start: $0, count: x.count), probability: 1 - rate, value: 1 / (1 - rate))
          }
        case .float32:
          Tensor(x.shape, as: Float.self) {
            machine.random.fillMask(
              .init(start: $0, count: x.count), probability: 1 - rate, value: Float(1 / (1 - rate)))
          }
        }
      return Value(try Multiply().apply(x, mask))
    },
    Builtin(
      "embedding(labels, table)", .neural, "The rows of a table that the labels name.", formula: "y_n = W_{t_n}",
      shapes: "labels: [...], table: [words, d] → [..., d]",
      derivative: "exact, by the table",
      example: ("embedding([1, 0], [1, 2; 3, 4])", "[3, 4; 1, 2]")
    ) { call in
      Value(try Networks.embedding(try call.tensor(0), try call.tensor(1)))
    },
    Builtin(
      "layer_norm(x, gain: none, shift: none, epsilon: 1e-5)", .neural, "Each row brought to mean 0 and variance 1.",
      formula: "\\gamma \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}} + \\beta",
      shapes: "x: [..., d], gain, shift: [d]",
      example: ("layer_norm([-1, 1], epsilon: 0)", "[-1, 1]")
    ) { call in
      let x = try call.tensor(0)
      guard x.rank > 0 else { throw ShapeError.rank(x.shape, expected: "[..., d]") }
      return Value(try call.normalized(x, axes: [x.rank - 1], features: x.rank - 1))
    },
    Builtin(
      "batch_norm(x, gain: none, shift: none, epsilon: 1e-5)", .neural,
      "Each feature brought to mean 0 and variance 1 over the batch.",
      formula: "\\gamma \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}} + \\beta", shapes: "x: [n, d] or [n, c, h, w]",
      example: ("batch_norm([-1; 1], epsilon: 0)", "[-1; 1]")
    ) { call in
      let x = try call.tensor(0)
      guard x.rank >= 2 else { throw ShapeError.rank(x.shape, expected: "[n, d] or [n, c, h, w]") }
      return Value(try call.normalized(x, axes: (0..<x.rank).filter { $0 != 1 }, features: 1))
    },
    Builtin(
      "attention(Q, K, V, mask: none, causal: false, scaled: true)", .neural,
      "Each query's mean of the values, weighted by how well its key fits.",
      formula: "\\mathrm{softmax}\\left(\\frac{Q K^T}{\\sqrt{d}}\\right) V",
      shapes: "Q: [..., m, d], K: [..., n, d], V: [..., n, e] → [..., m, e]; mask: [..., m, n], 0 hides",
      example: ("attention([[1, 0]], [1, 0; 1, 0], [2, 0; 4, 0])", "[[3, 0]]")
    ) { call in
      let mask = call.isGiven("mask") ? try call.tensor("mask") : nil
      return Value(
        try Networks.attention(
          try call.tensor(0), try call.tensor(1), try call.tensor(2), mask: mask, isCausal: try call.flag("causal"),
          isScaled: try call.flag("scaled")))
    },
  ]
}

extension BuiltinCall {
  /// Images, or one image, or one channel of one, with the largest number or the mean of each window.
  fileprivate func pooled(_ k: Int, stride: Int, isMax: Bool) throws -> Tensor {
    let x = try tensor(0)
    guard (2...4).contains(x.rank) else { throw ShapeError.rank(x.shape, expected: "[n, c, h, w] or [h, w]") }
    let missing = [Int](repeating: 1, count: 4 - x.rank)
    let images = missing.isEmpty ? x : x.reshaped(to: Shape(missing + x.shape.dimensions))
    let y = try Engine.pool(images, k, stride: stride, isMax: isMax)
    return missing.isEmpty ? y : y.reshaped(to: Shape(Array(y.shape.dimensions.suffix(x.rank))))
  }

  /// How many places are added before and after: a number for both, or a word for as many as at stride 1.
  fileprivate func padding(_ kernel: Int, stride: Int, extent: Int) throws -> (Int, Int) {
    guard case .string = value("padding") else {
      let both = try whole("padding", atLeast: 0)
      return (both, both)
    }
    let padding = Padding(word: try word("padding", of: Padding.words)) ?? .places(0)
    return padding.edges(extent: extent, window: kernel, stride: stride)
  }

  fileprivate func adding(bias y: Tensor) throws -> Tensor {
    guard isGiven("b") else { return y }
    let b = try tensor("b")
    guard b.rank == 1, b.count == y.shape[1] else { throw ShapeError.unequal([y.shape[1]], b.shape) }
    return try Add().apply(y, b.reshaped(to: Shape([b.count] + [Int](repeating: 1, count: y.rank - 2))))
  }

  fileprivate func normalized(_ x: Tensor, axes: [Int], features: Int) throws -> Tensor {
    var y = try Networks.normalized(x, over: axes, epsilon: try number("epsilon")).value
    let form = Shape([x.shape[features]] + [Int](repeating: 1, count: x.rank - features - 1))
    if isGiven("gain") {
      let gain = try tensor("gain")
      y = try Multiply().apply(y, gain.rank == 1 && gain.count == form.count ? gain.reshaped(to: form) : gain)
    }
    if isGiven("shift") {
      let shift = try tensor("shift")
      y = try Add().apply(y, shift.rank == 1 && shift.count == form.count ? shift.reshaped(to: form) : shift)
    }
    return y
  }
}
