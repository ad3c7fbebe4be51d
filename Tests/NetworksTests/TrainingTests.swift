import Interchange
import KernelInterface
import Networks
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Serialized: some tests set what the whole process shares, the number of threads and the wish to stop.
@Suite(.serialized) struct TrainingTests {
  private func network(_ sizes: [Int], seed: UInt64 = 1, type: ElementType = .float64) -> Network {
    var random = RandomGenerator(seed: seed)
    var layers: [any Layer] = []
    for (inputs, outputs) in zip(sizes, sizes.dropFirst()) {
      if !layers.isEmpty { layers.append(FunctionLayer.relu) }
      layers.append(Dense(inputs, outputs, elementType: type, random: &random))
    }
    return Network(layers)
  }

  @Test("Sixty epochs on the irises give the numbers of the design's screen") func iris() throws {
    /// `W[i,j] = 2/√(in+out)·sin(i² + 3j² + 5ij + l)`.
    func weights(_ l: Int, _ m: Int, _ n: Int) -> Dense {
      let scale = 2 / Double(m + n).squareRoot()
      let elements = (0..<(m * n)).map { k in
        let (i, j) = (k / n, k % n)
        return scale * sin(Double(i * i + 3 * j * j + 5 * i * j + l))
      }
      return Dense(weight: Tensor(elements, shape: [m, n]), bias: .zeros([n]))
    }
    let plan = TrainingPlan(loss: CrossEntropy(), optimizer: Adam(0.01), epochs: 60, batch: 150)
    let start = Network(weights(0, 4, 16), FunctionLayer.relu, weights(1, 16, 3))
    let result = try train(start, on: BundledData.iris, plan)
    let curve = result.history.lossCurve
    #expect(curve.count == 61)
    #expect(abs(curve[0] - 1.4435) < 5e-5 && abs(curve[22] - 0.6137) < 5e-5 && abs(curve[60] - 0.3440) < 5e-5)
    #expect(result.history.final?.right == 146 && abs(result.history.accuracies[22] - 0.793) < 5e-4)
    #expect(result.network.history == result.history && result.optimizer.state.number == 60)
  }

  @Test("Digits are told apart in held-out images", arguments: ElementType.allCases)
  func digits(type: ElementType) throws {
    var random = RandomGenerator(seed: 7)
    let (training, held) = BundledData.digits.split(0.8, random: &random)
    let plan = TrainingPlan(loss: CrossEntropy(), optimizer: Adam(0.003), epochs: 12, batch: 32, validation: held)
    let result = try train(network([64, 32, 10], type: type), on: training, plan)
    #expect(try #require(result.history.validationAccuracies.last) >= 0.95)
    #expect(result.history.losses.count == 12 && result.history.validationLosses.count == 12)
  }

  @Test("The same plan gives the same digits, on one thread and on two") func threads() throws {
    var random = RandomGenerator(seed: 2)
    let convolutional =
      Network(
        Conv2d(1, 8, 3, padding: .same, elementType: .float32, random: &random), FunctionLayer.relu, MaxPool2d(2),
        Dropout(0.25), Flatten(), Dense(128, 10, elementType: .float32, random: &random))
    let images = try BundledData.digits.reshaped(sample: [1, 8, 8]).subset(0..<500)
    func weights(_ threads: Int, seed: UInt64 = 3) throws -> [[Double]] {
      let before = Parallel.threads
      Parallel.threads = threads
      defer { Parallel.threads = before }
      let plan = TrainingPlan(
        loss: CrossEntropy(), optimizer: Adam(0.01), epochs: 2, batch: 64, random: RandomGenerator(seed: seed))
      return try train(convolutional, on: images, plan).network.parameters.map(\.value.elements)
    }
    let once = try weights(1)
    #expect(try weights(1) == once)
    #expect(try weights(2) == once)
    #expect(try weights(1, seed: 4) != once)
  }

  @Test("Progress counts epochs, steps and samples, and the short last batch is kept") func progress() throws {
    var seen: [(Int, Int, Int)] = []
    let data = try BundledData.digits.subset(0..<25)
    let plan = TrainingPlan(loss: CrossEntropy(), optimizer: SGD(0.1), epochs: 2, batch: 10, validation: data)
    var validated = 0
    _ = try train(network([64, 10]), on: data, plan) { progress in
      seen.append((progress.epoch, progress.step, progress.samples))
      #expect(progress.steps == 3 && progress.totalSamples == 50 && progress.loss.isFinite)
      #expect(progress.accuracy != nil && (0...1).contains(progress.fraction))
      validated += progress.validation == nil ? 0 : 1
      return .proceed
    }
    #expect(seen.map { $0.2 } == [10, 20, 25, 35, 45, 50] && validated == 2)
    #expect(seen.map { $0.0 } == [1, 1, 1, 2, 2, 2] && seen.map { $0.1 } == [1, 2, 3, 1, 2, 3])
  }

  @Test("Stopping keeps what was learned up to the step", arguments: [false, true])
  func stopping(byInterrupt: Bool) throws {
    let data = BundledData.iris
    func plan(_ epochs: Int) -> TrainingPlan {
      TrainingPlan(loss: CrossEntropy(), optimizer: Adam(0.01), epochs: epochs, batch: 50)
    }
    var steps = 0
    let stopped = try train(network([4, 8, 3]), on: data, plan(60)) { _ in
      steps += 1
      if steps == 6 && byInterrupt { Interrupt.request() }
      return steps == 6 && !byInterrupt ? .stop : .proceed
    }
    let stop = try #require(stopped.stop)
    #expect((stop.step, stop.steps, stop.epoch, stop.epochs) == (6, 180, 2, 60))
    #expect(!Interrupt.isRequested && steps == 6)
    let whole = try train(network([4, 8, 3]), on: data, plan(2))
    #expect(stopped.network.parameters.map(\.value.elements) == whole.network.parameters.map(\.value.elements))
    #expect(stopped.history.losses == whole.history.losses && whole.stop == nil)
  }

  @Test("A loss that is no number is an error that keeps the network as before the step") func notANumber() throws {
    let start = network([4, 3])
    let plan = TrainingPlan(
      loss: FunctionLoss("naive") { p, t in
        let s = try CrossEntropy()(p, t)
        return s / Tensor(s.item < 1.0 || p[flat: 0].magnitude > 50 ? 0 : 1)
      }, optimizer: SGD(15), epochs: 5, batch: 150)
    let failure = #expect(throws: TrainingFailure.self) { try train(start, on: BundledData.iris, plan) }
    let found = try #require(failure)
    #expect(found.step == 2 && found.epoch == 2 && found.batch == 1 && found.losses.count == 2)
    guard case .loss(let value) = found.cause else {
      Issue.record("\(found.cause)")
      return
    }
    #expect(!value.isFinite)
    let once = try train(
      start, on: BundledData.iris, TrainingPlan(loss: CrossEntropy(), optimizer: SGD(15), epochs: 1, batch: 150))
    #expect(found.network.parameters.map(\.value.elements) == once.network.parameters.map(\.value.elements))
    #expect(found.start.parameters.map(\.value.elements) == start.parameters.map(\.value.elements))
  }

  @Test("A gradient that is no number names its weight") func badGradient() throws {
    // 0 · √0 has value 0, and the slope of the factor 10³⁰⁸ · 10³⁰⁸ by x is infinite.
    let plan = TrainingPlan(
      loss: FunctionLoss("steep") { p, _ in
        let y = p.reshaped(to: [p.count, 1]).transposed.matmul(.zeros([p.count, 1]))
        return (y * 1e308 * 1e308).reshaped(to: .scalar)
      }, epochs: 1)
    let failure = #expect(throws: TrainingFailure.self) { try train(network([4, 3]), on: BundledData.iris, plan) }
    #expect(failure?.step == 1)
  }

  @Test("Training leaves the network it was given as it was") func value() throws {
    let start = network([4, 3])
    let before = start.parameters.map(\.value.elements)
    let plan = TrainingPlan(loss: CrossEntropy(), optimizer: SGD(0.1), epochs: 1, batch: 50)
    let trained = try train(start, on: BundledData.iris, plan).network
    #expect(start.parameters.map(\.value.elements) == before && start.history == nil)
    #expect(trained.parameters.map(\.value.elements) != before && trained.knownInput == [1, 4])
  }

  @Test("Losses never stretch") func noStretching() {
    for (p, t) in [(Shape([4, 1]), Shape([4])), ([4], []), ([2, 3], [3])] {
      #expect(throws: ShapeError.self) { try MeanSquaredError()(.zeros(p), .zeros(t)) }
      #expect(throws: ShapeError.self) { try BinaryCrossEntropy()(.zeros(p), .zeros(t)) }
    }
    #expect(throws: ShapeError.self) { try CrossEntropy()(.zeros([4, 3]), .zeros([5])) }
    #expect(throws: ShapeError.indexOutOfRange(index: 3, axis: 1, extent: 3)) {
      try CrossEntropy()(.zeros([1, 3]), Tensor([3]))
    }
    #expect(throws: ShapeError.fractionalIndex(0.5)) { try CrossEntropy()(.zeros([1, 3]), Tensor([0.5])) }
  }

  @Test("Accuracy counts labels, one-hot rows and thresholds, and nothing else") func decisions() {
    let scores = Tensor([1, 3, 2, 5, 4, 0], shape: [2, 3])
    #expect(Decision.largest.count(scores, Tensor([1, 1]))?.right == 1)
    #expect(Decision.largest.count(scores, Tensor([0, 1, 0, 1, 0, 0], shape: [2, 3]))?.right == 2)
    #expect(Decision.largest.count(scores, Tensor([0, 0.5, 0, 1, 0, 0], shape: [2, 3])) == nil)
    #expect(Decision.largest.count(.zeros([2, 1]), .zeros([2])) == nil)
    #expect(Decision.above(0.5).count(Tensor([0.6, 0.2]), Tensor([1, 1]))?.right == 1)
    #expect(Decision.above(0.5).count(Tensor([0.6]), Tensor([0.7])) == nil)
  }

  @Test("Evaluating batch by batch is evaluating at once") func evaluation() throws {
    let start = network([4, 3])
    let parts = try #require(try evaluate(start, on: BundledData.iris, loss: CrossEntropy(), batch: 32))
    let whole = try #require(try evaluate(start, on: BundledData.iris, loss: CrossEntropy(), batch: 150))
    #expect(abs(parts.loss - whole.loss) < 1e-12 && parts.right == whole.right && parts.count == 150)
    let empty = try #require(try evaluate(start, on: BundledData.iris.subset([]), loss: CrossEntropy()))
    #expect(empty.count == 0)
  }
}
