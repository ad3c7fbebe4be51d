import Foundation
import KernelInterface
import Testing

@testable import Tensors

/// Numbers computed by another program (PyTorch in double precision), held to 1 part in 10⁹.
@Suite("The golden numbers of")
struct GoldenTests {
  static let activations: [(file: String, function: @Sendable (Tensor) -> Tensor)] = [
    ("act_relu", { $0.relu() }), ("act_tanh", { $0.tanh() }), ("act_sigmoid", { $0.sigmoid() }),
    ("act_leaky_relu", { $0.leakyRelu() }), ("act_elu", { $0.elu() }), ("act_gelu", { $0.gelu() }),
    ("act_gelu_tanh", { $0.gelu(isApproximate: true) }), ("act_silu", { $0.silu() }),
    ("act_softplus", { $0.softplus() }), ("act_softmax", { $0.softmax() }), ("act_log_softmax", { $0.logSoftmax() }),
  ]

  @Test("activations hold, forward and backward", arguments: activations.indices)
  func activation(index: Int) throws {
    let (file, function) = Self.activations[index]
    let golden = try Golden(file)
    let x = golden["x"].variable()
    let y = function(x)
    golden.check(y, "y")
    golden.checkGradients(of: y, ["x": x], upstream: "g")
    if golden.outputs["dy"] != nil {
      golden.check(gradients(of: y.sum(), withRespectTo: [x])[0], "dy")
    }
  }

  @Test("activations far from zero hold: nothing overflows")
  func extremes() throws {
    let golden = try Golden("act_extreme")
    let functions: [(String, (Tensor) -> Tensor)] = [
      ("sigmoid", { $0.sigmoid() }), ("tanh", { $0.tanh() }), ("relu", { $0.relu() }), ("elu", { $0.elu() }),
      ("gelu", { $0.gelu() }), ("silu", { $0.silu() }), ("softplus", { $0.softplus() }),
    ]
    for (name, function) in functions {
      let x = golden["x"].variable()
      let y = function(x)
      // PyTorch's softplus is x itself above 20, which is 2e-9 off.
      let tolerance = name == "softplus" ? 3e-9 : 1e-9
      golden.check(y, name, tolerance: tolerance)
      golden.check(gradients(of: y.sum(), withRespectTo: [x])[0], "d_\(name)", tolerance: tolerance)
    }
    golden.check(golden["rows"].softmax(), "softmax")
    golden.check(golden["rows"].logSoftmax(), "log_softmax")
    golden.check(golden["rows"].logSumExp(axis: 1), "logsumexp")
  }

  @Test("a convolution with steps and padding hold, forward and backward")
  func convolution2d() throws {
    let golden = try Golden("conv2d_general")
    let (x, w, b) = (golden["X"].variable(), golden["W"].variable(), golden["b"].variable())
    let stride = golden.whole("stride")
    let padding = golden.whole("padding")
    let edges = WindowPadding(top: padding[0], left: padding[1], bottom: padding[0], right: padding[1])
    let y = Conv2d(strides: (stride[0], stride[1]), padding: edges)(x, w) + b.reshaped(to: [b.count, 1, 1])
    golden.check(y, "y")
    golden.checkGradients(of: y, ["X": x, "W": w, "b": b], upstream: "g")
  }

  @Test("a convolution along one axis hold, forward and backward")
  func convolution1d() throws {
    let golden = try Golden("conv1d_general")
    let (x, w, b) = (golden["X"].variable(), golden["W"].variable(), golden["b"].variable())
    let (stride, padding) = (golden.whole("stride")[0], golden.whole("padding")[0])
    let image = x.reshaped(to: x.shape.inserting(1, at: 2))
    let kernel = w.reshaped(to: w.shape.inserting(1, at: 2))
    let y =
      Conv2d(strides: (1, stride), padding: WindowPadding(left: padding, right: padding))(image, kernel)
      + b.reshaped(to: [b.count, 1, 1])
    let line = y.reshaped(to: y.shape.removing(axis: 2))
    golden.check(line, "y")
    golden.checkGradients(of: line, ["X": x, "W": w, "b": b], upstream: "g")
  }

  @Test("correlation and true convolution hold, forward and backward")
  func convolutionAndCorrelation() throws {
    let golden = try Golden("convolution_vs_correlation")
    let (x, w, b) = (golden["x"].variable(), golden["w"].variable(), golden["b"].variable())
    let image = x.reshaped(to: [1, 1, 4, 4])
    func convolve(_ kernel: Tensor) -> Tensor {
      (Conv2d()(image, kernel.reshaped(to: [1, 1, 2, 2])) + b).reshaped(to: [3, 3])
    }
    let flipped = Gather(axis: 0, places: [1, 0])(Gather(axis: 1, places: [1, 0])(w))
    let (correlation, convolution) = (convolve(w), convolve(flipped))
    golden.check(correlation, "correlation")
    golden.check(convolution, "convolution")
    golden.check(correlation.relu(), "relu_correlation")
    golden.check(convolution.relu(), "relu_convolution")
    golden.checkGradients(of: correlation.relu() + convolution.relu(), ["x": x, "w": w, "b": b])
  }

  @Test("poolings hold, the first maximum taking a tie")
  func pooling() throws {
    let golden = try Golden("pooling")
    let x = golden["X"].variable()
    let results = [
      "max2": MaxPool2d(PoolWindow(2))(x), "max3s2": MaxPool2d(PoolWindow(3, stride: 2))(x),
      "avg2": AveragePool2d(PoolWindow(2))(x), "gap": x.mean(axes: [2, 3]),
    ]
    var loss = Tensor(0)
    for (name, y) in results.sorted(by: { $0.key < $1.key }) {
      golden.check(y, name)
      loss = loss + (y * golden["g_\(name)"]).sum()
    }
    golden.checkGradients(of: loss, ["X": x])
  }

  @Test("scaled dot-product attention hold, forward and backward")
  func attention() throws {
    let golden = try Golden("attention_scaled_dot")
    let (q, k, v) = (golden["Q"].variable(), golden["K"].variable(), golden["V"].variable())
    let scores = q.matmul(k.transposed) / Double(q.shape.last).squareRoot()
    let weights = scores.softmax()
    golden.check(scores, "scores")
    golden.check(weights, "A")
    golden.check(weights.matmul(v), "out")
    golden.checkGradients(of: weights.matmul(v), ["Q": q, "K": k, "V": v], upstream: "g")
  }

  @Test(
    "normalisations hold, forward and backward",
    arguments: [("layer_norm", [1]), ("batch_norm_train", [0]), ("batch_norm_train_conv", [0, 2, 3])])
  func normalization(file: String, axes: [Int]) throws {
    let golden = try Golden(file)
    let (x, gain, shift) = (golden["x"].variable(), golden["gamma"].variable(), golden["beta"].variable())
    let centred = x - x.mean(axes: axes, keep: true)
    let normal = centred / (centred.square().mean(axes: axes, keep: true) + 1e-5).sqrt()
    let form: Shape = axes.count == 3 ? [gain.count, 1, 1] : [gain.count]
    let y = normal * gain.reshaped(to: form) + shift.reshaped(to: form)
    golden.check(normal, "x_hat")
    golden.check(y, "y")
    golden.checkGradients(of: y, ["x": x, "gamma": gain, "beta": shift], upstream: "g")
  }

  @Test("looking up rows of a table hold: repeated rows add up")
  func embedding() throws {
    let golden = try Golden("embedding")
    let table = golden["E"].variable()
    let tokens = golden["tokens"]
    let rows = Gather(axis: 0, places: try tokens.wholeNumbers())(table)
    let y = rows.reshaped(to: Shape(tokens.shape.dimensions + [table.shape.last]))
    golden.check(y, "y")
    golden.checkGradients(of: y, ["E": table], upstream: "g")
  }

  @Test("dropping out by a given mask hold")
  func dropout() throws {
    let golden = try Golden("dropout")
    let x = golden["x"].variable()
    let y = x * golden["mask"] / (1 - golden.number("p"))
    golden.check(y, "y_train")
    golden.checkGradients(of: y, ["x": x], upstream: "g")
  }
}

/// One file of golden numbers.
private struct Golden: Decodable {
  struct Numbers: Decodable {
    let shape: [Int]
    let data: [Double]
    var tensor: Tensor { Tensor(data, shape: Shape(shape)) }
  }
  /// A fact about the case: a number or several; text is of no use here.
  struct Fact: Decodable {
    let numbers: [Double]
    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      numbers = (try? value.decode([Double].self)) ?? (try? value.decode(Double.self)).map { [$0] } ?? []
    }
  }
  let inputs: [String: Numbers]
  let params: [String: Numbers]
  let outputs: [String: Numbers]
  let grads: [String: Numbers]
  let meta: [String: Fact]

  /// Reads a case from the test's resources, or from the folder that NABLA_GOLDEN names.
  init(_ name: String) throws {
    let folder =
      ProcessInfo.processInfo.environment["NABLA_GOLDEN"].map { URL(filePath: $0) }
      ?? Bundle.module.bundleURL.appending(path: "Resources/golden")
    let file = folder.appending(path: "\(name).json")
    self = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  subscript(name: String) -> Tensor { (inputs[name] ?? params[name])?.tensor ?? Tensor(.nan) }
  func number(_ name: String) -> Double { meta[name]?.numbers.first ?? .nan }
  func whole(_ name: String) -> [Int] { meta[name]?.numbers.map { Int($0) } ?? [] }

  func check(_ tensor: Tensor, _ name: String, tolerance: Double = 1e-9) {
    compare(tensor, outputs[name], name, tolerance)
  }

  func checkGradients(of y: Tensor, _ variables: [String: Tensor], upstream: String? = nil) {
    for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
      let found = gradients(of: y, withRespectTo: [variable], seed: upstream.map { self[$0] })[0]
      compare(found, grads[name], "gradient by \(name)", 1e-9)
    }
  }

  private func compare(_ tensor: Tensor, _ expected: Numbers?, _ name: String, _ tolerance: Double) {
    guard let expected else {
      Issue.record("no golden numbers called \(name)")
      return
    }
    #expect(tensor.shape.dimensions == expected.shape, "\(name)")
    let bound = tolerance * max(1, expected.data.map(abs).max() ?? 0)
    for (index, (got, wanted)) in zip(tensor.elements, expected.data).enumerated() where !(abs(got - wanted) <= bound) {
      Issue.record("\(name)[\(index)] is \(got), not \(wanted)")
    }
  }
}
