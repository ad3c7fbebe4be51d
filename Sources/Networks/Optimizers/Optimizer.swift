import KernelInterface
import Tensors

/// A rule that moves parameters along their gradients. A value: its state is inside, and a copy goes its own way.
///
/// A new optimiser is one type in one file, with its rule for one parameter in `step`, and one line in `OptimizerCatalogue`.
/// Rules, defaults and the place of ε are PyTorch's.
public protocol Optimizer: Sendable {
  static var card: Card { get }
  /// The names of the buffers kept for each parameter, such as `m` and `v`.
  static var bufferNames: [String] { get }

  /// An optimiser from the arguments of a call.
  init(_ arguments: Arguments) throws

  /// The length of a step; a schedule sets it before each.
  var rate: Double { get set }
  /// What every optimiser can be told beside its own rule.
  var options: OptimizerOptions { get set }
  var state: OptimizerState { get set }
  /// Which buffers this configuration needs: SGD without momentum needs none.
  var bufferCount: Int { get }
  /// The optimiser as its user would type it.
  var description: String { get }

  /// Moves one parameter, in place.
  /// - Parameter buffers: zeros before the first step.
  func step<T: Scalar>(_ p: Parameters<T>, number: Int)
}

/// What every optimiser can be told beside its own rule.
public struct OptimizerOptions: Sendable {
  /// The largest norm of all gradients together; longer ones are shortened. Nil for no limit.
  public var clip: Double?
  /// The largest size of each number of the gradients; larger ones are cut, before the norm is taken. Nil for no limit.
  public var clipValue: Double?
  /// Sets the rate before each step.
  public var schedule: (any Schedule)?

  public init(clip: Double? = nil, clipValue: Double? = nil, schedule: (any Schedule)? = nil) {
    self.clip = clip
    self.clipValue = clipValue
    self.schedule = schedule
  }

  init(_ arguments: Arguments) {
    self.init(clip: arguments.number("clip"), clipValue: arguments.number("clip_value"))
    if case .schedule(let schedule)? = arguments["rate"] { self.schedule = schedule }
  }
}

/// What an optimiser remembers: how many steps it took, and buffers for each parameter.
public struct OptimizerState: Sendable {
  /// The number of steps taken.
  public var number = 0
  /// For each parameter its buffers, in the order of `bufferNames`; empty before the first step.
  public var buffers: [[Tensor]] = []

  public init() {}
}

/// One parameter during a step: its numbers, its gradient and the optimiser's buffers, all of the same count.
public struct Parameters<T: Scalar> {
  public let values: UnsafeMutablePointer<T>
  public let gradient: UnsafePointer<T>
  public let buffers: [UnsafeMutablePointer<T>]
  public let count: Int
}

extension Optimizer {
  public var bufferCount: Int { Self.bufferNames.count }

  /// The same rule before its first step.
  public var restarted: Self {
    var copy = self
    copy.state = OptimizerState()
    return copy
  }

  /// One step over all parameters, in place where nobody else holds them.
  ///
  /// - Precondition: as many gradients as parameters, of their shapes, and the same ones at every step.
  /// - Throws: what a schedule written by the user throws; nothing has changed then.
  /// - Complexity: one pass over the numbers, without copies.
  public mutating func update(_ parameters: inout [Tensor], _ gradients: [Tensor]) throws {
    precondition(parameters.count == gradients.count, "one gradient for each parameter")
    if let schedule = options.schedule { rate = try schedule.rate(at: state.number) }
    // Taken out of self while the rule is called on it: a second holder would make every buffer a copy.
    var state = self.state
    self.state = OptimizerState()
    defer { self.state = state }
    if state.buffers.isEmpty {
      state.buffers = parameters.map { p in (0..<bufferCount).map { _ in .zeros(p.shape, p.elementType) } }
    }
    precondition(state.buffers.count == parameters.count, "the optimiser has state for other parameters")
    state.number += 1
    let gradients =
      options.clipValue.map { limit in
        gradients.map { $0.detached.clamped(low: -limit, high: limit) }
      } ?? gradients
    let shortening = options.clip.map { clippingFactor(norm: totalNorm(gradients), limit: $0) } ?? 1
    for index in parameters.indices {
      precondition(parameters[index].shape == gradients[index].shape, "a gradient has the shape of its parameter")
      var gradient = gradients[index].detached.cast(to: parameters[index].elementType)
      if shortening < 1 { gradient = gradient * shortening }
      if parameters[index].elementType == .float64 {
        step(&parameters[index], gradient, &state.buffers[index], state.number, as: Double.self)
      } else {
        step(&parameters[index], gradient, &state.buffers[index], state.number, as: Float.self)
      }
    }
  }

  private func step<T: Scalar>(
    _ parameter: inout Tensor, _ gradient: Tensor, _ buffers: inout [Tensor], _ number: Int, as type: T.Type
  ) {
    let count = parameter.count
    // The pointers stay valid while the tensors that own them are not touched.
    let values = parameter.mutate(as: T.self) { $0 }
    var kept: [UnsafeMutablePointer<T>] = []
    for index in buffers.indices { kept.append(buffers[index].mutate(as: T.self) { $0 }) }
    withExtendedLifetime((parameter, buffers)) {
      gradient.read(as: T.self) {
        step(Parameters(values: values, gradient: $0, buffers: kept, count: count), number: number)
      }
    }
  }
}

/// The Euclidean norm of all gradients together.
public func totalNorm(_ gradients: [Tensor]) -> Double {
  var sum = 0.0
  for gradient in gradients {
    switch gradient.elementType {
    case .float64: sum += gradient.read(as: Double.self) { Double.kernels.dot($0, $0, gradient.count) }
    case .float32: sum += Double(gradient.read(as: Float.self) { Float.kernels.dot($0, $0, gradient.count) })
    }
  }
  return sum.squareRoot()
}

/// By how much gradients are shortened: min(1, limit / (norm + 10⁻⁶)), as PyTorch's `clip_grad_norm_`.
public func clippingFactor(norm: Double, limit: Double) -> Double { min(1, limit / (norm + 1e-6)) }

extension Argument {
  static func rate(_ fallback: String?) -> Argument {
    let meaning = "the length of a step, η"
    return fallback.map { .optional("rate", .rate, $0, meaning) } ?? .required("rate", .rate, meaning)
  }
  static let clip = optional(
    "clip", .number(in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude), nil,
    "the largest norm of all gradients together")
  static let clipValue = optional(
    "clip_value", .number(in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude), nil,
    "the largest size of each number of the gradients")
  static func decay(_ fallback: String) -> Argument {
    .optional("weight_decay", .number(in: 0...Double.greatestFiniteMagnitude), fallback, "pull of the weights to 0")
  }
  static func share(_ name: String, _ fallback: String, _ meaning: String) -> Argument {
    .optional(name, .number(in: 0...1), fallback, meaning)
  }
  static func epsilon(_ fallback: String) -> Argument {
    .optional("epsilon", .number(in: 0...Double.greatestFiniteMagnitude), fallback, "keeps the divisor from 0, ε")
  }
}

extension Optimizer {
  /// The call as one would type it: the rate, then what differs from its default.
  func typed(
    _ values: [(name: String, value: Double, fallback: Double)], flags: [(name: String, value: Bool)] = []
  ) -> String {
    var parts = [options.schedule?.description ?? shortest(rate)]
    parts += values.filter { $0.value != $0.fallback }.map { "\($0.name): \(shortest($0.value))" }
    parts += flags.filter(\.value).map { "\($0.name): true" }
    if let clip = options.clip { parts.append("clip: \(shortest(clip))") }
    if let limit = options.clipValue { parts.append("clip_value: \(shortest(limit))") }
    return "\(Self.card.name)(\(parts.joined(separator: ", ")))"
  }
}
