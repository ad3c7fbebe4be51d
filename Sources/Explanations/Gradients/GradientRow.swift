import Display
import Tensors

/// One parameter and its gradient, as a row of `:grads` tells of them.
struct GradientRow: Sendable {
  /// As it can be typed: `net[0].W`.
  let name: String
  /// The number of the layer it belongs to; nil where there are no layers.
  let layer: Int?
  let shape: Shape
  /// ‖w‖ and ‖∇‖.
  let weight, gradient: Double
  /// Of the gradient: the mean of its numbers, the largest size among them, how many fall in each of nine bins.
  let mean, largest: Double
  let histogram: String
  /// Whether it is a bias or a scale, which tables leave out first.
  let isMinor: Bool
  var mark = Mark.none

  /// What is wrong with a gradient, in one character.
  enum Mark: String, Sendable {
    case none = " "
    case vanishing = "↓"
    case exploding = "↑"
    case zero = "0"
    case notFinite = "!"
  }

  init(_ name: String, layer: Int? = nil, value: Tensor, gradient: Tensor, _ style: Style) {
    let (weights, slopes) = (value.detached.elements, gradient.detached.elements)
    self.name = name
    self.layer = layer
    shape = value.shape
    weight = Self.norm(weights)
    self.gradient = Self.norm(slopes)
    largest = slopes.reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, $1.magnitude) }
    let mean = slopes.isEmpty ? 0 : slopes.reduce(0, +) / Double(slopes.count)
    // Sums that cancel are rounding noise (R3).
    self.mean = mean.magnitude < 1e-12 * largest ? 0 : mean
    histogram = Sparkline.histogram(slopes, style)
    isMinor = value.rank < 2
  }

  /// The root of the sum of squares, without overflow for numbers far from 1.
  private static func norm(_ numbers: [Double]) -> Double {
    var largest = 0.0
    for number in numbers {
      if number.isNaN { return .nan }
      largest = max(largest, number.magnitude)
    }
    guard largest > 0, largest.isFinite else { return largest }
    var sum = 0.0
    for number in numbers {
      let share = number / largest
      sum += share * share
    }
    return largest * sum.squareRoot()
  }

  var isFinite: Bool { gradient.isFinite }
}

extension [GradientRow] {
  /// Marks each row: what is not finite, what is exactly zero, what is far below or above the others.
  ///
  /// Layers are compared by their weights. Gradients that grow on their way back to the first layer explode, those that shrink vanish:
  /// `↓` below 1e-6 of the largest layer, `↑` above 1e3 or above 1e6 times the last layer.
  mutating func mark() {
    let norms = leading.map(\.gradient).filter { $0.isFinite && $0 > 0 }
    let (largest, last) = (norms.max() ?? 0, norms.last ?? 0)
    for index in indices {
      let norm = self[index].gradient
      if !norm.isFinite {
        self[index].mark = .notFinite
      } else if norm == 0 {
        self[index].mark = .zero
      } else if norm > 1e3 || last > 0 && norm > 1e6 * last {
        self[index].mark = .exploding
      } else if norm < 1e-6 * largest, (norms.first ?? 0) < 1e6 * last {
        self[index].mark = .vanishing
      }
    }
    // A bias whose gradient cancels to almost nothing says nothing of its layer.
    let vanished = Set(filter { $0.mark == .vanishing && !$0.isMinor }.map(\.layer))
    for index in indices where self[index].mark == .vanishing && self[index].isMinor {
      if !vanished.contains(self[index].layer) { self[index].mark = .none }
    }
  }

  /// The weights that stand for their layers, in the order of the layers: of each the first that is no bias.
  var leading: [GradientRow] {
    var seen: Set<Int> = []
    let major = filter { !$0.isMinor }
    guard !major.isEmpty else { return self }
    return major.filter { row in row.layer.map { seen.insert($0).inserted } ?? true }
  }
}
