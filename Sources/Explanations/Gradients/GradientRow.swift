import Display
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

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
    let tiny = gradient.elementType == .float32 ? 1e-6 : 1e-12
    self.mean = mean.magnitude < tiny * largest ? 0 : mean
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
  /// Layers are compared by their weights. `↓` is below a thousandth of the largest layer, or below a hundredth where each layer on the
  /// way back halves what comes; `↑` is above 1000, or 1000 times the last layer where each one doubles it.
  mutating func mark() {
    let norms = leading.map(\.gradient).filter { $0.isFinite && $0 > 0 }
    let (largest, first, last) = (norms.max() ?? 0, norms.first ?? 0, norms.last ?? 0)
    /// Whether the way back shrinks, from one number to the other, by half and more at each layer.
    func halves(from start: Double, to end: Double) -> Bool {
      start > 0 && end * exp2(Double(norms.count - 1)) <= start
    }
    let least = largest * (halves(from: last, to: first) ? 1e-2 : 1e-3)
    let most = norms.count > 2 && halves(from: first, to: last) ? 1e3 * last : .infinity
    let grows = first > 1e3 * last
    for index in indices {
      let norm = self[index].gradient
      if !norm.isFinite {
        self[index].mark = .notFinite
      } else if norm == 0 {
        self[index].mark = .zero
      } else if norm > 1e3 || norm > most {
        self[index].mark = .exploding
      } else if norm < least, !grows {
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
