import Networks
import Tensors

extension GoldenCase {
  static let optimizers: [GoldenCase] = [
    GoldenCase("opt_linreg", ("steps", optimizerOnRegression)),
    GoldenCase("opt_quadratic", ("steps", optimizerOnQuadratic)),
    GoldenCase("opt_quadratic_adam_d5_printed_A", ("as printed", { try printedAdam($0, feedsBack: false) })),
    GoldenCase("opt_quadratic_adam_d5_printed_B", ("as printed", { try printedAdam($0, feedsBack: true) })),
    GoldenCase("gradient_descent_d2", ("steps", gradientDescent)),
    GoldenCase("sgd_minibatch", ("steps", stochastic)),
    GoldenCase("grad_clip_norm", ("clipping", clipping)),
  ]

  /// The hyperparameters of a case; each must be asked for, so that none is left out of account.
  private struct Hyperparameters {
    private let table: [String: GoldenFile.Fact]
    private var asked: Set<String> = []

    init(_ run: GoldenRun) {
      if case .table(let table) = run.file.meta["hyperparameters"] { self.table = table } else { table = [:] }
    }

    mutating func number(_ name: String, _ value: Double) -> Double {
      asked.insert(name)
      return table[name]?.numbers?.first ?? value
    }
    mutating func pair(_ name: String, _ value: [Double]) -> [Double] {
      asked.insert(name)
      return table[name]?.numbers ?? value
    }
    mutating func flag(_ name: String) -> Bool {
      asked.insert(name)
      if case .flag(let flag) = table[name] { return flag }
      return false
    }
    func finish() throws {
      let rest = table.filter { name, fact in
        if asked.contains(name) { return false }
        switch fact {
        case .nothing, .flag(false), .number(0): return false
        default: return true
        }
      }
      if !rest.isEmpty { throw GoldenRun.Missing(description: "hyperparameters without a meaning here: \(rest.keys)") }
    }
  }

  /// The optimiser a case asks for, and what PyTorch calls its buffers.
  private static func optimizer(_ run: GoldenRun) throws -> (any Optimizer, buffers: [String]) {
    var given = Hyperparameters(run)
    let kind = run.file.text("optimiser") ?? "none"
    let made: (any Optimizer, [String])
    switch kind {
    case "SGD":
      let rule = SGD(
        given.number("lr", 0.001), momentum: given.number("momentum", 0), dampening: given.number("dampening", 0),
        nesterov: given.flag("nesterov"), weightDecay: given.number("weight_decay", 0))
      made = (rule, ["momentum_buffer"])
    case "Adagrad":
      let rule = AdaGrad(
        given.number("lr", 0.01), epsilon: given.number("eps", 1e-10), weightDecay: given.number("weight_decay", 0),
        decay: given.number("lr_decay", 0))
      made = (rule, ["sum"])
    case "RMSprop":
      let rule = RMSprop(
        given.number("lr", 0.01), alpha: given.number("alpha", 0.99), epsilon: given.number("eps", 1e-8),
        weightDecay: given.number("weight_decay", 0), momentum: given.number("momentum", 0),
        centered: given.flag("centered"))
      made = (rule, ["square_avg", "momentum_buffer", "grad_avg"])
    case "Adam":
      let betas = given.pair("betas", [0.9, 0.999])
      let rule = Adam(
        given.number("lr", 0.001), beta1: betas[0], beta2: betas[1], epsilon: given.number("eps", 1e-8),
        weightDecay: given.number("weight_decay", 0), amsgrad: given.flag("amsgrad"))
      made = (rule, ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"])
    case "AdamW":
      let betas = given.pair("betas", [0.9, 0.999])
      let rule = AdamW(
        given.number("lr", 0.001), beta1: betas[0], beta2: betas[1], epsilon: given.number("eps", 1e-8),
        weightDecay: given.number("weight_decay", 0.01))
      made = (rule, ["exp_avg", "exp_avg_sq"])
    default: throw GoldenRun.Missing(description: "no optimiser is called \(kind)")
    }
    try given.finish()
    return made
  }

  private static func optimizerOnRegression(_ run: GoldenRun) throws -> Tensor? {
    let (x, y) = (try run.constant("X"), try run.constant("y"))
    let (optimizer, buffers) = try optimizer(run)
    try follow(run, ["W", "b"], optimizer, buffers) { _, p in try MeanSquaredError()(x.product(p[0]) + p[1], y) }
    return nil
  }

  private static func optimizerOnQuadratic(_ run: GoldenRun) throws -> Tensor? {
    let (a, c) = (try run.constant("A"), try run.constant("c"))
    let (optimizer, buffers) = try optimizer(run)
    try follow(run, ["w"], optimizer, buffers) { _, p in
      try 0.5 * p[0].product(a).product(p[0]) - c.product(p[0])
    }
    return nil
  }

  /// Takes as many steps as the case has, and compares the way, the losses, the gradients and the optimiser's state at each.
  private static func follow(
    _ run: GoldenRun, _ names: [String], _ given: any Optimizer, _ buffers: [String], losses: String = "loss_traj",
    objective: @escaping (Int, [Tensor]) throws -> Tensor
  ) throws {
    guard let trajectory = run.file.outputs["\(names[0])_traj"] else {
      throw GoldenRun.Missing(description: "no \(names[0])_traj")
    }
    let steps = trajectory.shape[0] - 1
    var optimizer = given
    var parameters = try names.map { try run.constant($0) }
    var way = parameters.map { [$0] }
    var state = names.map { _ in buffers.map { _ in [Tensor]() } }
    var slopes = names.map { _ in [Tensor]() }
    var values: [Tensor] = []
    for step in 0..<steps {
      let variables = parameters.map { $0.variable() }
      let found = gradients(of: try objective(step, variables), withRespectTo: variables)
      parameters = try minimize(
        parameters, optimizer: &optimizer, steps: 1,
        observer: { _, loss in
          values.append(Tensor(loss, run.type))
          return .proceed
        }, { p in try objective(step, p) })
      for place in names.indices {
        slopes[place].append(found[place])
        way[place].append(parameters[place])
        for (kind, buffer) in optimizer.state.buffers[place].enumerated() where kind < buffers.count {
          state[place][kind].append(buffer)
        }
      }
    }
    // One loss more than there are steps, where the case has it.
    if let wanted = run.file.outputs[losses]?.shape[0], wanted == steps + 1 {
      values.append(try objective(steps, parameters).detached)
    }
    let tolerance = run.trajectoryTolerance
    run.expect(try Tensor.stack(values), losses, tolerance: tolerance)
    for (place, name) in names.enumerated() {
      run.expect(try Tensor.stack(way[place]), "\(name)_traj", tolerance: tolerance)
      run.expectGradient(try Tensor.stack(slopes[place]), name, tolerance: tolerance)
      for (kind, buffer) in buffers.enumerated() where !state[place][kind].isEmpty {
        run.expect(try Tensor.stack(state[place][kind]), "\(name)_\(buffer)", tolerance: tolerance)
      }
    }
  }

  private static func gradientDescent(_ run: GoldenRun) throws -> Tensor? {
    guard let rate = run.file.numbers("alpha")?.first else { throw GoldenRun.Missing(description: "no alpha") }
    let (x, y) = (try run.constant("X"), try run.constant("y"))
    try follow(run, ["theta"], SGD(rate), [], losses: "cost_traj") { _, p in
      try MeanSquaredError()(x.product(p[0]), y) * 0.5
    }
    return nil
  }

  private static func stochastic(_ run: GoldenRun) throws -> Tensor? {
    guard let rate = run.file.numbers("lr")?.first else { throw GoldenRun.Missing(description: "no lr") }
    let data = try Dataset(x: run.constant("X"), y: run.constant("y"))
    let order = try run.constant("order")
    let (rows, batch) = (try order.wholeNumbers(), order.shape[1])
    var whole: [Tensor] = []
    func loss(_ rows: [Int], _ p: [Tensor]) throws -> Tensor {
      let (x, y) = data.batch(rows, run.type)
      return try MeanSquaredError()(x.product(p[0]) + p[1], y)
    }
    try follow(run, ["W", "b"], SGD(rate), [], losses: "batch_loss") { step, p in
      if whole.count == step { whole.append(try loss(Array(0..<data.count), p).detached) }
      return try loss(Array(rows[(step * batch)..<((step + 1) * batch)]), p)
    }
    run.expect(try Tensor.stack(whole), "full_loss_before_step", tolerance: run.trajectoryTolerance)
    return nil
  }

  private static func clipping(_ run: GoldenRun) throws -> Tensor? {
    guard let limit = run.file.numbers("max_norm")?.first, let size = run.file.numbers("clip_value")?.first else {
      throw GoldenRun.Missing(description: "no max_norm or no clip_value")
    }
    let names = ["W", "b"]
    let variables = try names.map { try run($0) }
    let loss = try MeanSquaredError()(run.constant("X").product(variables[0]) + variables[1], run.constant("y"))
    let slopes = gradients(of: loss, withRespectTo: variables)
    let norm = totalNorm(slopes)
    run.expect(Tensor(norm, run.type), "total_norm")
    run.expect(Tensor(clippingFactor(norm: norm, limit: limit), run.type), "coef")
    // A step of length 1 from 0 ends at the shortened gradient, turned round.
    for (options, suffix) in [
      (OptimizerOptions(clip: limit), "clipped"), (OptimizerOptions(clipValue: size), "clipped_value"),
    ] {
      var optimizer = SGD(1)
      optimizer.options = options
      var moved = slopes.map { Tensor.zeros($0.shape, run.type) }
      try optimizer.update(&moved, slopes)
      for (place, name) in names.enumerated() { run.expect(-moved[place], "\(name)_\(suffix)") }
    }
    return loss
  }

  /// Adam as D5 prints it: the last line divides by `√(1 - β₂ᵗ) + ε`; read literally, the corrected averages are fed into the next step.
  private static func printedAdam(_ run: GoldenRun, feedsBack: Bool) throws -> Tensor? {
    let (a, c) = (try run.constant("A"), try run.constant("c"))
    var given = Hyperparameters(run)
    let betas = given.pair("betas", [0.9, 0.999])
    let (rate, epsilon) = (given.number("lr", 0.001), given.number("eps", 1e-8))
    try given.finish()
    guard let trajectory = run.file.outputs["w_traj"] else { throw GoldenRun.Missing(description: "no w_traj") }
    var w = try run.constant("w")
    var (m, v) = (Tensor.zeros(w.shape, run.type), Tensor.zeros(w.shape, run.type))
    var (power1, power2) = (1.0, 1.0)
    var (way, values, slopes): ([Tensor], [Tensor], [Tensor]) = ([w], [], [])
    func value(_ x: Tensor) throws -> Tensor { try 0.5 * x.product(a).product(x) - c.product(x) }
    for _ in 1..<trajectory.shape[0] {
      let x = w.variable()
      let loss = try value(x)
      values.append(loss.detached)
      let g = gradients(of: loss, withRespectTo: [x])[0]
      slopes.append(g)
      m = m * betas[0] + g * (1 - betas[0])
      v = v * betas[1] + g * g * (1 - betas[1])
      power1 *= betas[0]
      power2 *= betas[1]
      let corrected = m / (1 - power1)
      if feedsBack { (m, v) = (corrected, v / (1 - power2)) }
      w = w - corrected * (rate / ((1 - power2).squareRoot() + epsilon))
      way.append(w)
    }
    if run.file.outputs["loss_traj"]?.shape[0] == way.count { values.append(try value(w)) }
    run.expect(try Tensor.stack(way), "w_traj", tolerance: run.trajectoryTolerance)
    run.expect(try Tensor.stack(values), "loss_traj", tolerance: run.trajectoryTolerance)
    run.expectGradient(try Tensor.stack(slopes), "w", tolerance: run.trajectoryTolerance)
    return nil
  }
}
