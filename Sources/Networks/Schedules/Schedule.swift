#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the rate of an optimiser goes with its steps, counted from 0.
///
/// A new schedule is one type in this folder and one line in `ScheduleCatalogue`.
public protocol Schedule: Sendable {
  /// The rate of a step.
  /// - Throws: what a function written by the user throws.
  func rate(at step: Int) throws -> Double
  /// The schedule as its user would type it.
  var description: String { get }
}

/// A schedule that the language makes by name.
public protocol ScheduleKind: Schedule {
  static var card: Card { get }
  init(_ arguments: Arguments) throws
}

/// Every schedule. What is not in this list does not exist for the language, help and the tests.
public enum ScheduleCatalogue {
  public static let all: [any ScheduleKind.Type] = [StepSchedule.self, CosineSchedule.self, WarmupSchedule.self]
}

/// The same rate at every step.
public struct ConstantSchedule: Schedule {
  public let rate: Double
  public init(_ rate: Double) { self.rate = rate }
  public func rate(at step: Int) -> Double { rate }
  public var description: String { shortest(rate) }
}

/// The rate becomes `factor` times as large after every so many steps: `η γ^⌊t/n⌋`.
public struct StepSchedule: ScheduleKind {
  public let rate: Double
  public let every: Int
  public let factor: Double

  public static let card = Card(
    name: "step", summary: "A rate that becomes so many times as large after every so many steps.",
    formula: "\\eta_t = \\eta \\gamma^{\\lfloor t / n \\rfloor}",
    shapes: "a rate or the function of the step that it is: SGD(step(0.1, every: 30)), step(0.1, every: 30)(60)",
    arguments: [
      .rate(nil), .required("every", .count(atLeast: 1), "after how many steps, n"),
      .optional("factor", .number(in: 0...Double.greatestFiniteMagnitude), "0.1", "how many times as large, γ"),
    ],
    example: ("step(0.1, every: 30, factor: 0.5)(60)", "0.025"), source: "torch.optim.lr_scheduler.StepLR")

  public init(_ rate: Double, every: Int, factor: Double = 0.1) {
    precondition(every > 0, "at least one step")
    self.rate = rate
    self.every = every
    self.factor = factor
  }

  public init(_ arguments: Arguments) throws {
    self.init(
      try arguments.plainRate(), every: arguments.count("every"), factor: arguments.number("factor", default: 0.1))
  }

  public func rate(at step: Int) -> Double { rate * pow(factor, Double(step / every)) }
  public var description: String {
    "step(\(shortest(rate)), every: \(every)\(factor == 0.1 ? "" : ", factor: \(shortest(factor))"))"
  }
}

/// The rate falls along half a cosine and then stays: `η₀ + (η - η₀)(1 + cos(π t/n))/2`.
public struct CosineSchedule: ScheduleKind {
  public let rate: Double
  public let steps: Int
  public let floor: Double

  public static let card = Card(
    name: "cosine", summary: "A rate that falls along half a cosine in so many steps and then stays at the floor.",
    formula: "\\eta_t = \\eta_0 + \\frac{1}{2} (\\eta - \\eta_0) \\left(1 + \\cos \\frac{\\pi t}{n}\\right)",
    shapes: "a rate or the function of the step that it is: SGD(cosine(0.1, steps: 100)), cosine(0.1, steps: 100)(50)",
    arguments: [
      .rate(nil), .required("steps", .count(atLeast: 1), "until the floor is reached, n"),
      .optional("floor", .number(in: 0...Double.greatestFiniteMagnitude), "0", "the last rate, η₀"),
    ],
    example: ("cosine(0.1, steps: 100)(50)", "0.05"),
    source: "Loshchilov and Hutter 2017; torch.optim.lr_scheduler.CosineAnnealingLR, which rises again after n steps")

  public init(_ rate: Double, steps: Int, floor: Double = 0) {
    precondition(steps > 0, "at least one step")
    self.rate = rate
    self.steps = steps
    self.floor = floor
  }

  public init(_ arguments: Arguments) throws {
    self.init(
      try arguments.plainRate(), steps: arguments.count("steps"), floor: arguments.number("floor", default: 0))
  }

  public func rate(at step: Int) -> Double {
    if step >= steps { return floor }
    return floor + (rate - floor) * (1 + cos(.pi * Double(step) / Double(steps))) / 2
  }
  public var description: String {
    "cosine(\(shortest(rate)), steps: \(steps)\(floor == 0 ? "" : ", floor: \(shortest(floor))"))"
  }
}

/// The rate grows in equal parts to the first rate of a schedule, which then begins: `η (t+1)/n` for the first n steps.
public struct WarmupSchedule: ScheduleKind {
  public let then: any Schedule
  public let steps: Int

  public static let card = Card(
    name: "warmup",
    summary:
      "A rate that grows in equal parts for so many steps; then the rate or schedule given begins at its step 0.",
    formula: "\\eta_t = \\frac{t + 1}{n} \\eta_0 \\text{ for } t < n, \\text{ then } \\eta_{t - n}",
    shapes: "rate: a number or a schedule: warmup(cosine(0.1, steps: 100), steps: 10)",
    arguments: [.rate(nil), .required("steps", .count(atLeast: 1), "until the rate is reached, n")],
    example: ("warmup(0.1, steps: 10)([0, 4, 20])", "[0.01, 0.05, 0.1]"),
    source: "torch.optim.lr_scheduler.LinearLR and SequentialLR")

  public init(_ then: any Schedule, steps: Int) {
    precondition(steps > 0, "at least one step")
    self.then = then
    self.steps = steps
  }

  public init(_ arguments: Arguments) throws {
    self.init(arguments.schedule("rate") ?? ConstantSchedule(0), steps: arguments.count("steps"))
  }

  public func rate(at step: Int) throws -> Double {
    if step < steps { return try then.rate(at: 0) * Double(step + 1) / Double(steps) }
    return try then.rate(at: step - steps)
  }
  public var description: String { "warmup(\(then.description), steps: \(steps))" }
}

extension Arguments {
  /// A rate or a schedule as a schedule.
  func schedule(_ name: String) -> (any Schedule)? {
    if case .schedule(let schedule)? = self[name] { return schedule }
    return number(name).map { ConstantSchedule($0) }
  }

  /// The rate where a schedule makes no sense: the schedule is one itself.
  /// - Throws: `ArgumentError.unsuitable`.
  fileprivate func plainRate() throws -> Double {
    guard let rate = number("rate") else {
      throw ArgumentError.unsuitable("rate", expected: .number(in: 0...Double.greatestFiniteMagnitude))
    }
    return rate
  }
}
