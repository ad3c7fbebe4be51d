import Networks
import Tensors
import Testing

@Suite struct LossTests {
  @Test("Class weights count for log-probabilities as for scores") func weighted() throws {
    let logits = Tensor([1, -2, 0.5, 0, 3, -1], shape: [2, 3])
    let options = ClassOptions(weight: Tensor([1, 2, 3]))
    expectClose(
      try NegativeLogLikelihood(options)(logits.logSoftmax(), Tensor([2, 1])),
      try CrossEntropy(options)(logits, Tensor([2, 1])))
  }

  @Test("Rows of shares that are one-hot give what labels give, with weights and smoothing too") func softLabels()
    throws
  {
    let logits = Tensor([1, -2, 0.5, 0, 3, -1], shape: [2, 3])
    let (labels, rows) = (Tensor([2, 1]), Tensor([0, 0, 1, 0, 1, 0], shape: [2, 3]))
    for options in [
      ClassOptions(), ClassOptions(smoothing: 0.2), ClassOptions(weight: Tensor([1, 2, 3]), smoothing: 0.1),
    ] {
      let loss = CrossEntropy(options)
      expectClose(try loss(logits, labels, reduction: .none), try loss(logits, rows, reduction: .none))
    }
    // Smoothed over three classes by 0.3: 0.8 of the right one, 0.1 of each other, by hand.
    let p = logits.logSoftmax().elements
    let smooth = try CrossEntropy(ClassOptions(smoothing: 0.3))(logits, labels, reduction: .none).elements
    expectClose(smooth, [-(0.1 * p[0] + 0.1 * p[1] + 0.8 * p[2]), -(0.1 * p[3] + 0.8 * p[4] + 0.1 * p[5])])
  }

  @Test("Ignored labels do not count, not even in the mean, and send nothing back") func ignored() throws {
    let logits = Tensor([1, -2, 0.5, 7, 3, -1, 0, 0, 1], shape: [3, 3]).variable()
    let options = ClassOptions(ignored: -100)
    let some = try CrossEntropy(options)(logits, Tensor([2, -100, 0]))
    let kept = Tensor([1, -2, 0.5, 0, 0, 1], shape: [2, 3])
    expectClose(some, try CrossEntropy()(kept, Tensor([2, 0])))
    let slope = gradients(of: some, withRespectTo: [logits])[0].elements
    #expect(slope[3..<6].allSatisfy { $0 == 0 } && slope[0] != 0)
    let impossible = Tensor([-1, -2, -.infinity, -.infinity], shape: [2, 2]).variable()
    let finite = try NegativeLogLikelihood(options)(impossible, Tensor([1, -100]))
    #expect(finite.item == 2)
    #expect(gradients(of: finite, withRespectTo: [impossible])[0].elements == [0, -1, 0, 0])
    #expect(throws: ShapeError.self) { try CrossEntropy()(kept, Tensor([2, -100])) }
  }

  @Test("A yes can count more than a no") func positive() throws {
    let (z, t) = (Tensor([0.3, -1.2, 2]), Tensor([1, 0, 1]))
    let plain = try BinaryCrossEntropyWithLogits()(z, t, reduction: .none).elements
    let weighted = try BinaryCrossEntropyWithLogits(positiveWeight: 3)(z, t, reduction: .none).elements
    expectClose(weighted, [3 * plain[0], plain[1], 3 * plain[2]])
    expectClose(
      try BinaryCrossEntropyWithLogits(positiveWeight: 1 + 1e-12)(z, t, reduction: .none).elements, plain)
  }
}

@Suite("Connectionist temporal classification") struct ConnectionistTemporalTests {
  /// The probability of a target by the sum over all ways: k^t of them.
  private func enumerated(_ p: [[Double]], _ word: [Int], blank: Int) -> Double {
    let (steps, classes) = (p.count, p[0].count)
    var total = 0.0
    for code in 0..<Int(pow(classes, steps)) {
      var (rest, way) = (code, [Int]())
      for _ in 0..<steps {
        way.append(rest % classes)
        rest /= classes
      }
      var spelt: [Int] = []
      for (t, label) in way.enumerated() where label != blank && (t == 0 || way[t - 1] != label) { spelt.append(label) }
      if spelt == word { total += way.enumerated().reduce(1) { $0 * p[$1.offset][$1.element] } }
    }
    return total
  }

  private func pow(_ base: Int, _ exponent: Int) -> Int { (0..<exponent).reduce(1) { product, _ in product * base } }

  @Test("is the sum over all ways, for words with and without repeats, and any blank", arguments: 0..<12)
  func ways(seed: Int) throws {
    var random = RandomGenerator(seed: UInt64(seed))
    let (steps, classes) = (4, 3)
    let blank = seed % 3
    let labels = (0..<classes).filter { $0 != blank }
    let word = (0..<(seed % 4)).map { _ in labels[random.integer(below: 2)] }
    let numbers = (0..<(steps * classes)).map { _ in 2 * random.uniform(Double.self) }
    let logarithms = Tensor(numbers, shape: [steps, classes]).logSoftmax()
    let p = (0..<steps).map { t in (0..<classes).map { logarithms.exp()[flat: t * classes + $0] } }
    let target = Tensor((word + [blank]).map(Double.init))
    let loss = try ConnectionistTemporal(blank: blank)(logarithms, target, reduction: .sum).item
    let wanted = enumerated(p, word, blank: blank)
    if wanted == 0 {
      #expect(loss == .infinity)
    } else {
      expectClose([loss], [-log(wanted)])
    }
  }

  private func log(_ x: Double) -> Double { Tensor(x).log().item }

  @Test("stops at each sample's last frame") func frames() throws {
    var random = RandomGenerator(seed: 3)
    let numbers = (0..<24).map { _ in random.uniform(Double.self) }
    let whole = Tensor(numbers, shape: [2, 4, 3]).logSoftmax()
    let targets = Tensor([1, 2, 1, 0], shape: [2, 2])
    let loss = try ConnectionistTemporal(frames: Tensor([4, 2]))(whole, targets, reduction: .none).elements
    let second = whole.slice(axis: 0, 1..<2).slice(axis: 1, 0..<2)
    expectClose(
      [loss[1]], try ConnectionistTemporal()(second, Tensor([1, 0], shape: [1, 2]), reduction: .none).elements)
    #expect(throws: ShapeError.self) { try ConnectionistTemporal(frames: Tensor([4, 5]))(whole, targets) }
    #expect(throws: ShapeError.self) { try ConnectionistTemporal()(whole, Tensor([1, 3], shape: [2, 1])) }
  }

  @Test("stays finite over a thousand frames and where a probability is 0, first and second derivative too")
  func stable() throws {
    let long = Tensor.filled([1, 1000, 5], 0).logSoftmax().variable()
    let value = try ConnectionistTemporal()(long, Tensor([1, 2, 3], shape: [1, 3]))
    #expect(value.item > 0 && value.item < 1600)
    #expect(gradients(of: value, withRespectTo: [long])[0].elements.allSatisfy { $0.isFinite })
    let certain = Tensor([1, 0, 0, 1, 1, 0], shape: [3, 2]).log().variable()
    let sure = try ConnectionistTemporal()(certain, Tensor([1]))
    expectClose([sure.item], [0])
    #expect(gradients(of: sure, withRespectTo: [certain])[0].elements.allSatisfy { $0.isFinite })
    let z = Tensor([0.1, 0.2, 0.3, -0.4, 0.5, 0.6], shape: [3, 2]).variable()
    let loss = try ConnectionistTemporal()(z.logSoftmax(), Tensor([1]))
    let slope = gradients(of: loss, withRespectTo: [z], keepingGraph: true)[0]
    let curvature = gradients(of: slope.square().sum(), withRespectTo: [z])[0].elements
    for index in 0..<6 {
      func squares(_ change: Double) throws -> Double {
        var numbers = z.elements
        numbers[index] += change
        let x = Tensor(numbers, shape: [3, 2]).variable()
        let loss = try ConnectionistTemporal()(x.logSoftmax(), Tensor([1]))
        return gradients(of: loss, withRespectTo: [x])[0].square().sum().item
      }
      let difference = (try squares(1e-5) - squares(-1e-5)) / 2e-5
      #expect(abs(difference - curvature[index]) < 1e-8)
    }
  }
}

@Suite struct MetricTests {
  @Test("nan is never among the largest") func nan() throws {
    #expect(try topAccuracy(Tensor([.nan, 1], shape: [1, 2]), Tensor([0]), top: 2) == 0)
  }
}
