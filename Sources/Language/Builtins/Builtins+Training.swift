import Display
import Networks
import Tensors

extension BuiltinCatalogue {
  static let training: [Builtin] = [
    Builtin(
      "train(net, data, loss: none, optimizer: none, epochs: 10, batch: 32, validation: none, seed: none, schedule: none)",
      .training,
      "Trains a network on a dataset and gives the trained one; Ctrl-C keeps what was learned.",
      shapes: "data: a dataset or a list (x, y); schedule: sets the optimizer's rate, as cosine(0.1, steps: 100)",
      example: ("train(Dense(4, 3), iris(), epochs: 2, batch: 50, seed: 1)[0].W |> shape", "(4, 3)")
    ) { call in try call.train() },
    Builtin(
      "minimize(f, x, optimizer: none, steps: 100)", .training,
      "Makes a scalar function small, starting at x, and gives the x it found.",
      shapes: "x: a tensor, record or network",
      example: ("minimize(x -> (x - 3)^2, 0, optimizer: SGD(0.5), steps: 1)", "3")
    ) { call in try call.minimize() },
    Builtin(
      "update(optimizer, x, g)", .training, "One step of an optimiser: the new x, and the optimiser with its state.",
      shapes: "x and g alike", example: ("update(SGD(0.1), [1, 2], [1, -1])[0]", "[0.9, 2.1]")
    ) { call in try call.update() },
    Builtin(
      "observe(net, x)", .training,
      "The network with its running statistics moved by one batch, as a step of training moves them.",
      formula: "\\mu \\leftarrow (1 - m) \\mu + m \\bar{x}", shapes: "x: as for net(x)",
      example: ("observe(BatchNorm(1), [1; 3]).running_mean", "[0.2]")
    ) { call in
      guard case .network(let network) = call[0] else { throw call.wrong(0, "a network") }
      let x = try call.tensor(1)
      let machine = call.machine
      var context = Context(isTraining: true, random: machine.random)
      defer { machine.random = context.random }
      let moved = try call.located([call[0], call[1]]) { try network.network.observing(x, context: &context) }
      return .network(NetworkValue(moved))
    },
    Builtin(
      "history(net)", .training, "The losses of the training that made a network.",
      shapes: "→ [epochs]",
      example: ("shape(history(train(Dense(4, 3), iris(), epochs: 2, batch: 75, seed: 1)))", "(2,)")
    ) { call in
      guard case .network(let network) = call[0] else { throw call.wrong(0, "a network") }
      guard let history = network.network.history else {
        throw call.fail("E0308", "this network has not been trained")
      }
      return Value(Tensor(history.lossCurve, call.type))
    },
    Builtin(
      "evaluate(net, data, loss: none)", .training, "The mean loss on a dataset, and the share of right answers.",
      shapes: "→ (loss:, accuracy:)",
      example: ("evaluate(Dense(4, 3, init: \"zeros\"), iris()).loss", "1.0986122886681098")
    ) { call in
      guard case .network(let network) = call[0] else { throw call.wrong(0, "a network") }
      let data = try call.dataset(1)
      let loss = try call.loss("loss", for: data.dataset)
      let result = try call.located([call[0], call[1]]) {
        try Networks.evaluate(network.network, on: data.dataset, loss: loss)
      }
      guard let result else { throw Fault.stopped }
      return .record(
        Record(
          names: ["loss"] + (result.accuracy == nil ? [] : ["accuracy"]),
          values: [.number(result.loss)] + (result.accuracy.map { [.number($0)] } ?? [])))
    },
  ]
}

extension BuiltinCall {
  /// A dataset, or one made of a list of inputs and targets.
  func dataset(_ index: Int) throws -> DatasetValue {
    switch values[index] {
    case .dataset(let dataset): return dataset
    case .list(let items) where items.count == 2:
      guard let x = items[0].tensor(type), let y = items[1].tensor(type) else { throw wrong(index, "a dataset") }
      return DatasetValue(try Dataset(x: x, y: y), type)
    case .record(let record):
      guard let x = record["x"]?.tensor(type), let y = record["y"]?.tensor(type) else {
        throw wrong(index, "a dataset")
      }
      return DatasetValue(try Dataset(x: x, y: y), type)
    default: throw wrong(index, "a dataset or a list (x, y)")
    }
  }

  /// The loss that was given, or the one that fits the targets.
  func loss(_ name: String, for data: Dataset) throws -> any Loss {
    guard isGiven(name) else {
      let fallback = data.labels == nil ? "mse" : "cross_entropy"
      return try makeLoss(fallback) ?? { throw fail("E0303", "no loss is given") }()
    }
    guard case .function(let function) = value(name) else { throw wrong(index(name), "a loss, such as cross_entropy") }
    if case .builtin = function.kind, let loss = try makeLoss(function.name) { return loss }
    let caller = Caller(function: function, site: site)
    let label = function.name.isEmpty ? "loss" : function.name
    return FunctionLoss(label, decision: data.labels == nil ? .none : .largest) { try caller.call([$0, $1]) }
  }

  private func makeLoss(_ name: String) throws -> (any Loss)? {
    guard let kind = LossCatalogue.loss(named: name) else { return nil }
    // Two stand-ins: a loss as an object has no prediction yet.
    return kind.init(try Arguments([.number(0), .number(0)], for: kind.card))
  }

  func optimizer(_ name: String) throws -> any Optimizer {
    guard isGiven(name) else { return Adam() }
    guard case .optimizer(let optimizer) = value(name) else {
      throw wrong(index(name), "an optimizer, such as Adam(0.001)")
    }
    return optimizer.optimizer
  }

  /// Runs something that goes through a network and tells which layer failed.
  func located<Result>(_ given: [Value], _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LayerError {
      throw machine.layerFault(error, given, site)
    }
  }

  // MARK: train

  fileprivate func train() throws -> Value {
    let network: Network
    switch self[0] {
    case .network(let value): network = value.network
    default: throw wrong(0, "a network")
    }
    if machine.isTrial { throw Fault.stopped }
    if !machine.replays.isEmpty { throw fail("E0706", "∂ does not go through a training") }
    let data = try dataset(1).dataset
    let epochs = try whole("epochs", atLeast: 1)
    let loss = try loss("loss", for: data)
    let validation = isGiven("validation") ? try dataset(index("validation")).dataset : nil
    let random: RandomGenerator
    if isGiven("seed") {
      random = RandomGenerator(seed: UInt64(try whole("seed", atLeast: 0)))
    } else {
      random = machine.random.split()
    }
    var optimizer = try optimizer("optimizer")
    if isGiven("schedule") {
      guard case .function(let function) = value("schedule") else {
        throw wrong(index("schedule"), "a schedule, such as cosine(0.1, steps: 100)")
      }
      optimizer.options.schedule = schedule(function)
    }
    let plan = TrainingPlan(
      loss: loss, optimizer: optimizer, epochs: epochs,
      batch: min(try whole("batch", atLeast: 1), max(1, data.count)),
      validation: validation, random: random)
    let machine = machine
    var shown = -1.0
    let training: Training
    do {
      training = try located(values) {
        let observe: (Progress) -> Verdict = { progress in
          let isLast = progress.epoch == progress.epochs && progress.step == progress.steps
          if progress.seconds - shown >= 0.1 || isLast {
            shown = progress.seconds
            machine.progress(
              TrainingProgress(
                epoch: progress.epoch, epochs: progress.epochs, fraction: progress.fraction, loss: progress.loss,
                accuracy: progress.accuracy, secondsLeft: progress.secondsLeft))
          }
          return machine.isOverdue ? .stop : .proceed
        }
        return try Networks.train(network, on: data, plan, observer: observe, isStop: isStop)
      }
    } catch let failure as TrainingFailure {
      throw describe(failure, plan)
    }
    let result = NetworkValue(training.network)
    if let step = training.lastStep { machine.remember(step, of: "", isTraining: true) }
    if training.stop != nil && machine.isOverdue {
      machine.kept = .network(result)
      throw Machine.overdue
    }
    machine.report = { name, style in
      if let stop = training.stop {
        return TrainingText.stopped(
          after: stop.step, of: stop.steps, name: name, goOn: goOn(stop, name, epochs, training.history, style), style)
      }
      return summary(training, named: name, data).document(style)
    }
    return .network(result)
  }

  /// What the end of training shows.
  private func summary(_ training: Training, named name: String, _ data: Dataset) -> TrainingText {
    let history = training.history
    var curves = [TrainingText.Curve("loss", history.lossCurve)]
    if !history.accuracyCurve.isEmpty {
      let right = history.final?.right.map { "\($0) of \(history.final?.count ?? 0) right" } ?? ""
      curves.append(.init("accuracy", history.accuracyCurve, remark: right))
    }
    if !history.validationLosses.isEmpty { curves.append(.init("validation loss", history.validationLosses)) }
    if !history.validationAccuracies.isEmpty {
      curves.append(.init("validation accuracy", history.validationAccuracies))
    }
    return TrainingText(
      network: NetworkValue(training.network).text(named: name), epochs: history.losses.count,
      stepsPerEpoch: history.stepsPerEpoch, samples: history.samples, curves: curves,
      suggestions: ["plot(history(\(name)))", ":grads \(name)"] + whyOffer(training.network, name))
  }

  /// `:why net(X)[0,0]`: the first number that the network gives on what it was trained with, where that can be typed shortly.
  private func whyOffer(_ network: Network, _ name: String) -> [String] {
    guard network.outputShape?.rank == 2, site.arguments.count > 1 else { return [] }
    let data = site.arguments[1].value
    // Of many samples the first by itself: the whole network would be run on all of them.
    let first = (network.task?.data.count ?? 0) > 1000 ? "[0..<1]" : ""
    let inputs: String
    switch data.kind {
    case .list(let items):
      guard let x = items.first?.name?.text else { return [] }
      inputs = x + first
    case .name(let set):
      guard case .dataset = self[1] else { return [] }
      inputs = set + first + ".x"
    case .call(_, let arguments) where arguments.isEmpty:
      // The samples under the name they usually have, if they are bound to it.
      let sample = network.inputShape.map { Array($0.dimensions.dropFirst()) }
      let x = machine.cell("X").value.shape
      inputs =
        x != nil && x.map { Array($0.dimensions.dropFirst()) } == sample
        ? "X" + first : site.source.text(data.range) + first + ".x"
    default: return []
    }
    return [":why \(name)(\(inputs))[0,0]"]
  }

  /// The line that goes on after a stop.
  private func goOn(_ stop: Training.Stop, _ name: String, _ epochs: Int, _ history: History, _ style: Style) -> String
  {
    let isWhole = history.stepsPerEpoch > 0 && stop.step % history.stepsPerEpoch == 0
    let left = max(1, epochs - stop.epoch + (isWhole ? 0 : 1))
    var parts: [String] = []
    var rest: [String] = []
    var hasEpochs = false
    for argument in site.arguments {
      let text = site.source.text(argument.range)
      if argument.label?.text == "epochs" {
        parts.append("epochs: \(left)")
        hasEpochs = true
      } else if hasEpochs {
        rest.append(text)
      } else {
        parts.append(text)
      }
    }
    if !hasEpochs { parts.append("epochs: \(left)") }
    let whole = "\(name) = train(\((parts + rest).joined(separator: ", ")))"
    if whole.count + 14 <= style.width || rest.isEmpty { return whole }
    return "\(name) = train(\(parts.joined(separator: ", ")), …)"
  }

  /// A step that gave nan or infinity: where, how it came, and what is kept.
  private func describe(_ failure: TrainingFailure, _ plan: TrainingPlan) -> Fault {
    let what =
      switch failure.cause {
      case .loss(let value): "the loss is \(value.isNaN ? "nan" : "inf")"
      case .gradient(let name): "the gradient by net\(name) is not finite"
      }
    var notes: [Diagnostic.Note] = []
    if let layer = firstBad(failure) { notes.append(.init("first bad", layer)) }
    if let (name, before, now) = grown(failure) {
      notes.append(.init("weights", "‖net\(name)‖ was \(before) at the start, is \(now) now"))
    }
    let style = machine.style
    let losses = failure.losses.suffix(5).map { NumberFormat(digits: 4, precision: style.precision).text($0) }
    notes.append(.init("loss so far", losses.joined(separator: "  ")))
    let target = machine.currentTarget
    if target != nil || failure.step > 1 {
      notes.append(.init("\(target ?? "net") is kept", "as it was before step \(failure.step)"))
    }
    var suggestions: [Diagnostic.Suggestion] = []
    if case .loss = failure.cause, plan.loss is FunctionLoss, let standard = try? makeLoss("cross_entropy"),
      let prediction = try? failure.network(failure.x), let value = try? standard(prediction, failure.y),
      value.count == 1,
      value[flat: 0].isFinite
    {
      let number = NumberFormat(digits: 4, precision: style.precision).text(value[flat: 0])
      suggestions = [
        .init(.try, "loss: cross_entropy", remark: "subtracts the maximum: \(number) at this step")
      ]
    }
    machine.kept = .network(NetworkValue(failure.network))
    return machine.failure(
      "E0602", "\(what) at step \(failure.step) (epoch \(failure.epoch), batch \(failure.batch))", at: site.site,
      suggestions: suggestions, notes: notes)
  }

  /// The first layer whose output is not finite.
  private func firstBad(_ failure: TrainingFailure) -> String? {
    var x = failure.x
    if !x.elements.allSatisfy(\.isFinite) { return "the batch itself holds nan or inf" }
    for (index, layer) in failure.network.layers.enumerated() {
      guard let y = try? layer(x) else { return nil }
      if !y.elements.allSatisfy(\.isFinite) { return "net[\(index)] \(layer.kind) gives nan or inf" }
      x = y
    }
    return "in the loss; every layer is finite"
  }

  /// The weight that grew most since the start.
  private func grown(_ failure: TrainingFailure) -> (String, String, String)? {
    func norm(_ tensor: Tensor) -> Double { tensor.elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var best: (name: String, before: Double, now: Double)?
    for (before, now) in zip(failure.start.parameters, failure.network.parameters) {
      let (a, b) = (norm(before.value), norm(now.value))
      guard a > 0, b / a > 2 else { continue }
      if let found = best, found.now / found.before >= b / a { continue }
      best = (now.name, a, b)
    }
    let format = NumberFormat(digits: 3, precision: machine.style.precision)
    return best.map { ($0.name, format.text($0.before), format.text($0.now)) }
  }

  /// Whether an error is the wish to stop, or that the time is up.
  private func isStop(_ error: any Error) -> Bool {
    (error as? Fault).map { $0.isStop && !machine.isTrial || machine.isOverdue } ?? false
  }

  // MARK: minimize and update

  fileprivate func minimize() throws -> Value {
    let function = try function(0)
    guard let leaves = self[1].leaves(type) else { throw wrong(1, "numbers") }
    let steps = try whole("steps", atLeast: 0)
    var optimizer = try optimizer("optimizer")
    if machine.isTrial && steps > 100 { throw Fault.stopped }
    if !machine.replays.isEmpty { throw fail("E0706", "∂ does not go through minimize") }
    let start = self[1]
    let objective = site.arguments.first.map { site.source.text($0.value.range) } ?? ""
    let machine = machine
    var last = 0.0
    var (taken, shown) = (0, 0)
    let observe: (Int, Double) -> Verdict = { step, value in
      (last, taken) = (value, step)
      if step >= shown + max(1, steps / 200) {
        shown = step
        machine.progress(TrainingProgress(epoch: step, epochs: steps, loss: value, unit: "step"))
      }
      return machine.isOverdue ? .stop : .proceed
    }
    do {
      let found = try Networks.minimize(
        leaves.map(\.detached), optimizer: &optimizer, steps: steps, observer: observe,
        keeping: { machine.remember($0, of: objective) }, isStop: isStop
      ) { variables in
        var rest = variables[...]
        let value = start.replacingLeaves(&rest)
        let result = try machine.differentiating { try call(function, [value]) }
        guard let y = result.tensor(variables.first?.elementType ?? machine.elementType), y.count == 1 else {
          throw fail("E0703", "minimize wants one number, f gives \(result.outline)")
        }
        return y.reshaped(to: .scalar)
      }
      var rest = found[...]
      let reached = self[1].replacingLeaves(&rest)
      guard !machine.isOverdue else {
        machine.kept = reached
        throw Machine.overdue
      }
      if taken < steps {
        machine.stopped =
          "^C stopped after step \(NumberFormat.count(taken)) of \(NumberFormat.count(steps)); this is where it got"
      }
      return reached
    } catch let failure as MinimizationFailure {
      var rest = failure.parameters[...]
      machine.kept = self[1].replacingLeaves(&rest)
      throw fail(
        "E0602", "f is \(failure.value.isNaN ? "nan" : "not finite") at step \(failure.step)",
        notes: failure.step > 1
          ? [.init("before", "\(NumberFormat(digits: 4, precision: machine.style.precision).text(last))")] : [])
    }
  }

  fileprivate func update() throws -> Value {
    guard case .optimizer(var value) = self[0] else { throw wrong(0, "an optimizer") }
    guard let parameters = self[1].leaves(type) else { throw wrong(1, "numbers") }
    guard let slopes = self[2].leaves(type) else { throw wrong(2, "numbers") }
    guard parameters.map(\.shape) == slopes.map(\.shape) else {
      throw fail("E0208", "x and g have different shapes: \(self[1].outline) and \(self[2].outline)")
    }
    let known = value.optimizer.state.buffers.map { $0.first?.shape }
    if !known.isEmpty,
      known.count != parameters.count || zip(known, parameters).contains(where: { $0 != nil && $0 != $1.shape })
    {
      throw fail("E0208", "the optimizer has the state of other parameters; a new one starts afresh")
    }
    var moved = parameters.map(\.detached)
    let number = value.optimizer.state.number + 1
    let step = try OptimizerStep.taking(
      &value.optimizer, &moved, slopes.map(\.detached), number: number, of: number)
    machine.remember(step, of: "")
    var rest = moved[...]
    return .list([self[1].replacingLeaves(&rest), .optimizer(value)])
  }
}
