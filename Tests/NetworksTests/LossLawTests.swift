import Networks
import Tensors
import Testing

/// Laws that hold for every loss of the catalogue.
@Suite("Every loss") struct LossLawTests {
  /// A loss with operands it can take, and whether its mean is that of its elements.
  static let samples: [(loss: any LossKind, prediction: Tensor, target: Tensor, isPlainMean: Bool)] = {
    let logits = Tensor([0.3, -1.2, 0.8, 1.5, 0.2, -0.4], shape: [2, 3])
    let labels = Tensor([2, 0])
    let shares = Tensor([0.2, 0.3, 0.5, 0.6, 0.1, 0.3], shape: [2, 3])
    let frames = Tensor((0..<24).map { 0.37 * Double($0 * 7 % 11) - 1.5 }, shape: [2, 4, 3]).logSoftmax()
    let signs = Tensor([1, -1, 1, -1, 1, -1], shape: [2, 3])
    let zeros = Tensor([0, 1, 1, 0, 1, 0], shape: [2, 3])
    return [
      (MeanSquaredError(), logits, shares, true), (MeanAbsoluteError(), logits, shares, true),
      (Huber(delta: 0.75), logits, shares, true), (CrossEntropy(), logits, labels, true),
      (CrossEntropy(), logits, shares, true),
      (CrossEntropy(ClassOptions(weight: Tensor([1, 2, 3]), smoothing: 0.1)), logits, labels, false),
      (CrossEntropy(ClassOptions(ignored: 2)), logits, labels, false),
      (NegativeLogLikelihood(), logits, labels, true), (BinaryCrossEntropy(), shares, zeros, true),
      (BinaryCrossEntropyWithLogits(), logits, zeros, true),
      (BinaryCrossEntropyWithLogits(positiveWeight: 3), logits, zeros, true),
      (KullbackLeibler(), logits, shares, false), (Hinge(), logits, signs, true), (Hinge(), logits, labels, true),
      (ConnectionistTemporal(), frames, Tensor([1, 2, 2, 0], shape: [2, 2]), false),
    ]
  }()

  @Test("is among the samples") func complete() {
    let names = Set(Self.samples.map { $0.loss.name })
    #expect(LossCatalogue.all.map { $0.card.name }.filter { !names.contains($0) } == [])
  }

  @Test("sums and averages its elements", arguments: samples.indices) func reductions(index: Int) throws {
    let (loss, prediction, target, isPlainMean) = Self.samples[index]
    let elements = try loss(prediction, target, reduction: .none)
    expectClose(try loss(prediction, target, reduction: .sum).elements, [elements.elements.reduce(0, +)])
    let mean = try loss(prediction, target)
    let again = try loss(prediction, target, reduction: .mean)
    #expect(mean.shape == [] && mean.item == again.item)
    if isPlainMean { expectClose(mean.elements, [elements.elements.reduce(0, +) / Double(elements.count)]) }
  }

  @Test("has a first and a second derivative that agree with central differences", arguments: samples.indices)
  func derivatives(index: Int) throws {
    let (loss, prediction, target, _) = Self.samples[index]
    func slope(_ x: Tensor, keepingGraph: Bool) throws -> (Tensor, Tensor) {
      let x = x.variable()
      return (x, gradients(of: try loss(x, target), withRespectTo: [x], keepingGraph: keepingGraph)[0])
    }
    let weights = Tensor((0..<prediction.count).map { 0.5 + Double($0 % 5) }, shape: prediction.shape)
    let (x, first) = try slope(prediction, keepingGraph: true)
    let second = gradients(of: (first * weights).sum(), withRespectTo: [x])[0].elements
    for place in 0..<prediction.count {
      func moved(_ by: Double) -> Tensor {
        var numbers = prediction.elements
        numbers[place] += by
        return Tensor(numbers, shape: prediction.shape)
      }
      let h = 1e-5
      let difference = (try loss(moved(h), target).item - loss(moved(-h), target).item) / (2 * h)
      #expect(abs(difference - first[flat: place]) < 1e-8, "\(loss.name), element \(place)")
      let (above, below) = (try slope(moved(h), keepingGraph: false).1, try slope(moved(-h), keepingGraph: false).1)
      let curvature = ((above - below) * weights).sum().item / (2 * h)
      #expect(abs(curvature - second[place]) < 1e-7 * max(1, abs(curvature)), "\(loss.name), second, element \(place)")
    }
  }

  @Test("is the same in single precision to 1e-4, gradients too", arguments: samples.indices)
  func single(index: Int) throws {
    let (loss, prediction, target, _) = Self.samples[index]
    let (x, y) = (prediction.variable(), prediction.cast(to: .float32).variable())
    let (long, short) = (try loss(x, target), try loss(y, target.cast(to: .float32)))
    #expect(short.elementType == .float32)
    expectClose(short.elements, long.elements, tolerance: 1e-4)
    expectClose(
      gradients(of: short, withRespectTo: [y])[0].elements, gradients(of: long, withRespectTo: [x])[0].elements,
      tolerance: 1e-4)
  }

  @Test("refuses operands that do not fit, without a trap", arguments: samples.indices) func wrong(index: Int) {
    let (loss, prediction, target, _) = Self.samples[index]
    let others: [Tensor] = [
      Tensor(1), Tensor([1, 2, 3]), .zeros([0]), .zeros([0, 3]), .zeros([3, 2]), .zeros([2, 3, 1]),
    ]
    for other in others where other.shape != prediction.shape {
      #expect(throws: ShapeError.self) { try loss(other, target) }
    }
    for other in [Tensor(1), Tensor([1, 2, 3]), .zeros([3, 3]), .zeros([2, 4, 2])] {
      #expect(throws: ShapeError.self) { try loss(prediction, other) }
    }
  }
}
