import KernelInterface
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Trains a network: for each epoch the samples in a new random order, in batches, one step of the optimiser for each.
///
/// The last batch may be short. Shuffling and dropout draw from one stream, so the same plan gives the same digits, on any number
/// of threads. The weights keep their precision, and batches are drawn in it. Ctrl-C, or an observer that says `.stop`, ends
/// training after the current step and keeps what was learned. The network given is not changed.
///
/// - Parameters:
///   - observer: called after each step.
///   - isStop: whether an error of a function written by the user is the wish to stop, in the middle of a step; what the steps before
///     learned is kept.
/// - Throws: `TrainingFailure` if a loss or a gradient is not finite, `LayerError` or `ShapeError` if network, data and loss do not
///   fit, and what the observer or a function written by the user throws.
public func train(
  _ network: Network, on data: Dataset, _ plan: TrainingPlan,
  observer: (Progress) throws -> Verdict = { _ in .proceed }, isStop: (any Error) -> Bool = { _ in false }
) throws -> Training {
  var session = TrainingSession(network, data, plan)
  return try session.run(observer, isStop)
}

/// One training under way.
private struct TrainingSession {
  let start: Network
  let data: Dataset
  let plan: TrainingPlan
  let type: ElementType
  /// The network without its weights, so that `weights` are held here only and change in place.
  var frame: Network
  let names: [String]
  var weights: [Tensor]
  var optimizer: any Optimizer
  var context: Context
  var history = History()
  var recent: [Double] = []
  var step = 0
  var lastStep: OptimizerStep?
  let began = seconds()

  init(_ network: Network, _ data: Dataset, _ plan: TrainingPlan) {
    start = network
    self.data = data
    self.plan = plan
    type = network.elementType ?? .float64
    let parameters = network.parameters
    names = parameters.map(\.name)
    weights = parameters.map(\.value.detached)
    frame = network.replacing(parameters.map { _ in .zeros([1, 1], .float32) })
    optimizer = plan.optimizer
    context = Context(isTraining: true, random: plan.random)
    history.samples = data.count
    history.stepsPerEpoch = (data.count + plan.batch - 1) / plan.batch
  }

  mutating func run(_ observer: (Progress) throws -> Verdict, _ isStop: (any Error) -> Bool) throws -> Training {
    var stop: Training.Stop?
    let steps = history.stepsPerEpoch
    training: for epoch in 1...plan.epochs where steps > 0 {
      let order = context.random.permutation(data.count)
      var (sum, right, answers, seen) = (0.0, Int?.some(0), 0, 0)
      for batch in 0..<steps {
        step += 1
        let indices = order[(batch * plan.batch)..<min((batch + 1) * plan.batch, data.count)]
        let loss: Double
        let found: (right: Int, of: Int)?
        do {
          (loss, found) = try take(indices, epoch: epoch, batch: batch + 1, isLast: batch + 1 == steps)
        } catch  where step > 1 && isStop(error) {
          Interrupt.clear()
          stop = Training.Stop(step: step - 1, steps: plan.epochs * steps, epoch: epoch, epochs: plan.epochs)
          if seen > 0 {
            history.losses.append(sum / Double(seen))
            if let right { history.accuracies.append(Double(right) / Double(max(answers, 1))) }
          }
          break training
        }
        sum += loss * Double(indices.count)
        seen += indices.count
        if let found, let known = right {
          right = known + found.right
          answers += found.of
        } else {
          right = nil
        }
        let accuracy = right.map { Double($0) / Double(max(answers, 1)) }
        let isLast = batch + 1 == steps
        var validation: Evaluation?
        if isLast {
          history.losses.append(sum / Double(seen))
          if let accuracy { history.accuracies.append(accuracy) }
          validation = try validate()
        }
        let verdict = try observer(
          Progress(
            epoch: epoch, epochs: plan.epochs, step: batch + 1, steps: steps, loss: sum / Double(seen),
            accuracy: accuracy, samples: (epoch - 1) * data.count + seen, totalSamples: plan.epochs * data.count,
            seconds: seconds() - began, validation: validation))
        guard verdict == .stop || Interrupt.isRequested else { continue }
        Interrupt.clear()
        if step < plan.epochs * steps {
          stop = Training.Stop(step: step, steps: plan.epochs * steps, epoch: epoch, epochs: plan.epochs)
          if !isLast {
            history.losses.append(sum / Double(seen))
            if let accuracy { history.accuracies.append(accuracy) }
          }
        }
        break training
      }
    }
    var trained = frame.replacing(weights)
    trained.knownInput = trained.inputShape(seeing: data.sampleShape)
    // Measuring costs about a third of an epoch: little beside ten of them.
    if stop == nil, plan.epochs >= 10 { history.final = try evaluate(trained, on: data, loss: plan.loss) }
    trained.history = history
    trained.task = TrainingTask(data: data, loss: plan.loss, batch: plan.batch)
    return Training(
      network: trained, optimizer: optimizer, history: history, lastStep: lastStep, stop: stop, random: context.random,
      seconds: seconds() - began)
  }

  /// One step; its loss and right answers, both before the update.
  private mutating func take(
    _ indices: ArraySlice<Int>, epoch: Int, batch: Int, isLast: Bool
  ) throws -> (loss: Double, found: (right: Int, of: Int)?) {
    let (x, y) = data.batch(indices, type)
    let (value, found, gradients) = try differentiate(x, y)
    if recent.count == 1000 { recent.removeFirst(500) }
    recent.append(value)
    func failure(_ cause: TrainingFailure.Cause) -> TrainingFailure {
      TrainingFailure(
        cause: cause, step: step, epoch: epoch, batch: batch, losses: recent, network: frame.replacing(weights),
        start: start, x: x, y: y)
    }
    guard value.isFinite else { throw failure(.loss(value)) }
    if let bad = gradients.firstIndex(where: { !$0.isFinite }) { throw failure(.gradient(names[bad])) }
    if isLast { history.gradientNorms.append(gradients.map { totalNorm([$0]) }) }
    let count = plan.epochs * history.stepsPerEpoch
    // The step during which somebody asks to stop is the last one too.
    if step == count || Interrupt.isRequested {
      lastStep = try .taking(&optimizer, &weights, gradients, names: names, number: step, of: count)
    } else {
      try optimizer.update(&weights, gradients)
    }
    if !context.movedBuffers.isEmpty { frame = frame.replacing(buffers: context.movedBuffers) }
    return (value, found)
  }

  /// The loss of a batch and its gradients by the weights; the graph is gone when this returns.
  private mutating func differentiate(
    _ x: Tensor, _ y: Tensor
  ) throws -> (Double, (right: Int, of: Int)?, [Tensor]) {
    let variables = weights.map { $0.variable() }
    context.movedBuffers = []
    let prediction = try frame.replacing(variables)(x, context: &context)
    let loss = try plan.loss(prediction, y)
    guard loss.count == 1 else { throw ShapeError.rank(loss.shape, expected: "a number") }
    return (
      loss.item, plan.loss.decision.count(prediction.detached, y), gradients(of: loss, withRespectTo: variables)
    )
  }

  private mutating func validate() throws -> Evaluation? {
    guard let data = plan.validation,
      let result = try evaluate(frame.replacing(weights), on: data, loss: plan.loss)
    else { return nil }
    history.validationLosses.append(result.loss)
    if let accuracy = result.accuracy { history.validationAccuracies.append(accuracy) }
    return result
  }
}

extension Tensor {
  /// Whether there is neither nan nor infinity among the numbers, found by their sum.
  var isFinite: Bool {
    switch elementType {
    case .float64: read(as: Double.self) { sumOf($0, count) }.isFinite
    case .float32: read(as: Float.self) { sumOf($0, count) }.isFinite
    }
  }

  private func sumOf<T: Scalar>(_ source: UnsafePointer<T>, _ count: Int) -> T {
    var sum: T = 0
    T.kernels.reduce(.sum, source, &sum, 1, count, 1)
    return sum
  }
}

/// Seconds on a clock that only goes forward.
private func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
