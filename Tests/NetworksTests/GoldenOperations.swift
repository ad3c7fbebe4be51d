import KernelInterface
import Networks
import Tensors

extension GoldenCase {
  // MARK: Functions of one number

  static let activations: [GoldenCase] =
    [
      activation("relu") { $0.relu() }, activation("tanh") { $0.tanh() }, activation("sigmoid") { $0.sigmoid() },
      activation("leaky_relu") { $0.leakyRelu() }, activation("elu") { $0.elu() }, activation("gelu") { $0.gelu() },
      activation("gelu_tanh") { $0.gelu(isApproximate: true) }, activation("silu") { $0.silu() },
      activation("softplus") { $0.softplus() }, activation("softmax") { $0.softmax() },
      activation("log_softmax") { $0.logSoftmax() },
    ] + [GoldenCase("act_extreme", ("primitives", extremes))]

  private static func activation(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) -> GoldenCase {
    GoldenCase(
      "act_\(name)",
      (
        "primitive",
        { run in
          let x = try run("x")
          let y = function(x)
          run.expect(y, "y")
          run.expect(gradients(of: y.sum(), withRespectTo: [x])[0], "dy")
          if run.file.outputs["jacobian"] != nil {
            // Row j of every row's Jacobian is the gradient of its result j.
            let last = x.rank - 1
            let rows = (0..<x.shape.last).map { j in
              gradients(of: y.slice(axis: last, j..<(j + 1)).sum(), withRespectTo: [x])[0]
            }
            run.expect(GoldenRun.sequence(rows), "jacobian")
          }
          return (y * (try run.constant("g"))).sum()
        }
      ))
  }

  /// Numbers far from 0: each to 1e-12 beside its own size, and the second derivative finite.
  private static func extremes(_ run: GoldenRun) throws -> Tensor? {
    let functions: [String: (Tensor) -> Tensor] = [
      "sigmoid": { $0.sigmoid() }, "tanh": { $0.tanh() }, "relu": { $0.relu() }, "elu": { $0.elu() },
      "gelu": { $0.gelu() }, "silu": { $0.silu() }, "softplus": { $0.softplus() },
      "log_sigmoid": { -((-$0).softplus()) }, "leaky_relu": { $0.leakyRelu() },
      "gelu_tanh": { $0.gelu(isApproximate: true) },
    ]
    let least = run.type == .float64 ? 1e-12 : 1e-6
    func bound(_ wanted: Double) -> Double { least + run.tolerance * abs(wanted) }
    let x = try run.constant("x").variable()
    for (name, function) in functions where run.file.outputs[name] != nil {
      let y = function(x)
      run.expect(y, name, bound: bound)
      let slope = gradients(of: y.sum(), withRespectTo: [x], keepingGraph: true)[0]
      // PyTorch's softplus is x itself above 20, so its slope is 1 there, 2e-9 too much.
      run.expect(slope, "d_\(name)") { name == "softplus" ? max(bound($0), 3e-9) : bound($0) }
      let bend = gradients(of: slope.sum(), withRespectTo: [x])[0]
      guard bend.elements.allSatisfy(\.isFinite) else {
        throw GoldenRun.Missing(description: "the second derivative of \(name) is not finite: \(bend.elements)")
      }
    }
    let rows = try run.constant("rows")
    run.expect(rows.softmax(), "softmax", bound: bound)
    run.expect(rows.logSoftmax(), "log_softmax", bound: bound)
    run.expect(rows.logSumExp(axis: rows.rank - 1), "logsumexp", bound: bound)
    return nil
  }

  // MARK: Operations and layers of their own

  static let operations: [GoldenCase] = [
    GoldenCase("conv2d_general", ("primitive", convolution2d), ("layer", convolutionLayer)),
    GoldenCase("conv1d_general", ("primitive", convolution1d), ("layer", convolutionLayer)),
    GoldenCase("convolution_vs_correlation", ("primitive", flippedConvolution)),
    GoldenCase("pooling", ("primitives", pooling)),
    GoldenCase("dropout", ("mask", dropout)),
    GoldenCase("embedding", ("layer", embedding), ("one-hot rows", oneHotEmbedding)),
    GoldenCase("layer_norm", ("layer", layerNorm), ("formula", layerNormSteps)),
    GoldenCase("batch_norm_train", ("layer", batchNorm), ("formula", batchNormSteps)),
    GoldenCase("batch_norm_eval", ("layer", batchNormInUse)),
  ]

  /// A kernel with its places apart: `d - 1` zeros between them along an axis.
  private static func dilated(_ w: Tensor, axis: Int, by d: Int) -> Tensor {
    guard d > 1 else { return w }
    let count = w.shape[axis]
    var edge = w.shape.dimensions
    edge[axis] = 1
    let places = (0..<((count - 1) * d + 1)).map { $0 % d == 0 ? $0 / d : count }
    return Gather(axis: axis, places: places)(Concatenate(axis: axis)(w, .zeros(Shape(edge), w.elementType)))
  }

  /// A fact of a convolution along each of its axes: one number counts for all.
  private static func along(_ axes: Int, _ name: String, _ run: GoldenRun, otherwise value: Int) -> [Int] {
    let given = run.file.wholes(name) ?? [value]
    return given.count == axes ? given : [Int](repeating: given[0], count: axes)
  }

  private static func convolution2d(_ run: GoldenRun) throws -> Tensor? {
    let stride = along(2, "stride", run, otherwise: 1)
    let padding = along(2, "padding", run, otherwise: 0)
    let dilation = along(2, "dilation", run, otherwise: 1)
    let edges = WindowPadding(top: padding[0], left: padding[1], bottom: padding[0], right: padding[1])
    let kernel = dilated(dilated(try run("W"), axis: 2, by: dilation[0]), axis: 3, by: dilation[1])
    let b = try run("b")
    let y =
      Tensors.Conv2d(strides: (stride[0], stride[1]), padding: edges)(try run("X"), kernel)
      + b.reshaped(to: [b.count, 1, 1])
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  private static func convolution1d(_ run: GoldenRun) throws -> Tensor? {
    let stride = along(1, "stride", run, otherwise: 1)[0]
    let padding = along(1, "padding", run, otherwise: 0)[0]
    let (x, b) = (try run("X"), try run("b"))
    let w = dilated(try run("W"), axis: 2, by: along(1, "dilation", run, otherwise: 1)[0])
    let image = x.reshaped(to: x.shape.inserting(1, at: 2))
    let y =
      Tensors.Conv2d(strides: (1, stride), padding: WindowPadding(left: padding, right: padding))(
        image, w.reshaped(to: w.shape.inserting(1, at: 2))) + b.reshaped(to: [b.count, 1, 1])
    let line = y.reshaped(to: y.shape.removing(axis: 2))
    run.expect(line, "y")
    return (line * (try run.constant("g"))).sum()
  }

  /// The layer, which has one stride and one padding for all axes; steps of unequal length are every place, of which some are taken.
  private static func convolutionLayer(_ run: GoldenRun) throws -> Tensor? {
    let (x, w, b) = (try run("X"), try run("W"), try run("b"))
    let axes = x.rank - 2
    let stride = along(axes, "stride", run, otherwise: 1)
    var padding = along(axes, "padding", run, otherwise: 0)
    let dilation = along(axes, "dilation", run, otherwise: 1)
    let kernel = (0..<axes).reduce(w) { dilated($0, axis: $1 + 2, by: dilation[$1]) }
    // What one axis is padded more is put there as zeros.
    let least = padding.min() ?? 0
    var padded = x
    for axis in 0..<axes where padding[axis] > least {
      var edge = padded.shape.dimensions
      edge[axis + 2] = padding[axis] - least
      let zeros = Tensor.zeros(Shape(edge), run.type)
      padded = Concatenate(axis: axis + 2)(list: [zeros, padded, zeros])
      padding[axis] = least
    }
    let common = stride.allSatisfy { $0 == stride[0] } ? stride[0] : 1
    var context = Context.evaluation
    let layer: any Layer =
      axes == 1
      ? Networks.Conv1d(weight: kernel, bias: b, stride: common, padding: .places(least))
      : Networks.Conv2d(weight: kernel, bias: b, stride: common, padding: .places(least))
    var y = try layer(padded, context: &context)
    if common == 1 {
      for axis in 0..<axes where stride[axis] > 1 {
        let places = Array(Swift.stride(from: 0, to: y.shape[axis + 2], by: stride[axis]))
        y = Gather(axis: axis + 2, places: places)(y)
      }
    }
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  private static func flippedConvolution(_ run: GoldenRun) throws -> Tensor? {
    let (x, w, b) = (try run("x"), try run("w"), try run("b"))
    let image = x.reshaped(to: [1, 1, x.shape[0], x.shape[1]])
    func convolve(_ kernel: Tensor) -> Tensor {
      let y = Tensors.Conv2d()(image, kernel.reshaped(to: [1, 1, kernel.shape[0], kernel.shape[1]])) + b
      return y.reshaped(to: [y.shape[2], y.shape[3]])
    }
    let flipped = (0...1).reduce(w) { Gather(axis: $1, places: (0..<w.shape[$1]).reversed())($0) }
    let (correlation, convolution) = (convolve(w), convolve(flipped))
    run.expect(correlation, "correlation")
    run.expect(convolution, "convolution")
    run.expect(correlation.relu(), "relu_correlation")
    run.expect(convolution.relu(), "relu_convolution")
    return correlation.relu().sum() + convolution.relu().sum()
  }

  /// Poolings as their names say: `max3s2` takes the largest of windows of 3, 2 places apart; `gap` the mean of all.
  private static func pooling(_ run: GoldenRun) throws -> Tensor? {
    let x = try run("X")
    var loss = Tensor(0, run.type)
    for name in run.file.outputs.keys.sorted() where name != "loss" {
      let y: Tensor
      if name == "gap" {
        y = x.mean(axes: [2, 3])
      } else {
        let sizes = name.dropFirst(3).split(separator: "s").compactMap { Int($0) }
        guard let size = sizes.first else { throw GoldenRun.Missing(description: "no pooling is called \(name)") }
        let window = PoolWindow(size, stride: sizes.count > 1 ? sizes[1] : nil)
        y = name.hasPrefix("max") ? Tensors.MaxPool2d(window)(x) : AveragePool2d(window)(x)
      }
      run.expect(y, name)
      loss = loss + (y * (try run.constant("g_\(name)"))).sum()
    }
    return loss
  }

  private static func dropout(_ run: GoldenRun) throws -> Tensor? {
    guard let p = run.file.numbers("p")?.first else { throw GoldenRun.Missing(description: "no p") }
    let x = try run("x")
    let y = x * (try run.constant("mask")) * (1 / (1 - p))
    run.expect(y, "y_train")
    run.expect(try Networks.Dropout(p)(x), "y_eval")
    return (y * (try run.constant("g"))).sum()
  }

  private static func embedding(_ run: GoldenRun) throws -> Tensor? {
    let y = try Embedding(weight: run("E"))(run.constant("tokens"))
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  private static func oneHotEmbedding(_ run: GoldenRun) throws -> Tensor? {
    let (table, tokens) = (try run("E"), try run.constant("tokens"))
    let y = try oneHot(tokens, table.shape[0], run.type).product(table)
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  /// Rows of the unit matrix by the labels.
  static func oneHot(_ labels: Tensor, _ classes: Int, _ type: ElementType) throws -> Tensor {
    let rows = try labels.wholeNumbers().flatMap { label in (0..<classes).map { $0 == label ? 1.0 : 0 } }
    return Tensor(rows, shape: labels.shape.inserting(classes, at: labels.rank), type)
  }

  // MARK: Normalisations

  static func epsilon(_ run: GoldenRun) -> Double { run.file.numbers("eps")?.first ?? 1e-5 }

  private static func layerNorm(_ run: GoldenRun) throws -> Tensor? {
    let y = try LayerNorm(gain: run("gamma"), shift: run("beta"), epsilon: epsilon(run))(run("x"))
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  private static func layerNormSteps(_ run: GoldenRun) throws -> Tensor? {
    let x = try run("x")
    let mean = x.mean(axis: x.rank - 1, keep: true)
    run.expect(mean, "mean")
    let variance = (x - mean).square().mean(axis: x.rank - 1, keep: true)
    run.expect(variance, "var")
    let normal = (x - mean) / (variance + epsilon(run)).sqrt()
    run.expect(normal, "x_hat")
    let y = try normal * run("gamma") + run("beta")
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  private static func batchNorm(_ run: GoldenRun) throws -> Tensor? {
    let (gain, shift) = (try run("gamma"), try run("beta"))
    let layer = BatchNorm(
      gain: gain, shift: shift, runningMean: .zeros(gain.shape, run.type), runningVariance: .ones(gain.shape, run.type),
      momentum: run.file.numbers("momentum")?.first ?? 0.1, epsilon: epsilon(run))
    var context = Context(isTraining: true, random: RandomGenerator(seed: 1))
    let y = try layer(run("x"), context: &context)
    run.expect(y, "y")
    let moved = layer.replacing(buffers: context.movedBuffers)
    run.expect(moved.runningMean, "running_mean")
    run.expect(moved.runningVariance, "running_var")
    return (y * (try run.constant("g"))).sum()
  }

  private static func batchNormSteps(_ run: GoldenRun) throws -> Tensor? {
    let (x, gain, shift) = (try run("x"), try run("gamma"), try run("beta"))
    let axes = (0..<x.rank).filter { $0 != 1 }
    let column = Shape([gain.count] + [Int](repeating: 1, count: x.rank - 2))
    let mean = x.mean(axes: axes)
    run.expect(mean, "mean")
    let centred = x - mean.reshaped(to: column)
    let variance = centred.square().mean(axes: axes)
    run.expect(variance, "var")
    let normal = centred / (variance + epsilon(run)).sqrt().reshaped(to: column)
    run.expect(normal, "x_hat")
    let y = normal * gain.reshaped(to: column) + shift.reshaped(to: column)
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }

  private static func batchNormInUse(_ run: GoldenRun) throws -> Tensor? {
    let layer = BatchNorm(
      gain: try run("gamma"), shift: try run("beta"), runningMean: try run.constant("running_mean"),
      runningVariance: try run.constant("running_var"), epsilon: epsilon(run))
    let y = try layer(run("x"))
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }
}
