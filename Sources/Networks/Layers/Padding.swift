import Tensors

/// How far windows reach beyond the edges of an image, over zeros.
public enum Padding: Sendable, Equatable {
  /// This many places at every edge.
  case places(Int)
  /// As many that the output has `ceil(input / stride)` places; an odd one goes to the bottom and to the right, as in TensorFlow.
  case same
  /// As many as with `same`; an odd one goes to the top and to the left, as in Caffe and ONNX's SAME_LOWER.
  case sameLower

  /// The words for what is no number.
  public static let words = ["same", "same_lower"]

  static let argument = Argument.optional(
    "padding", .countOrWord(words), "0",
    "places of zeros at each edge, or \"same\" (an odd one behind), \"same_lower\" (in front)")

  init(_ arguments: Arguments) {
    self = arguments.word("padding").flatMap { Padding(word: $0) } ?? .places(arguments.count("padding"))
  }

  /// The padding of a word; nil for others.
  public init?(word: String) {
    switch word {
    case "same": self = .same
    case "same_lower": self = .sameLower
    default: return nil
    }
  }

  /// The places before the first and after the last of an axis.
  public func edges(extent: Int, window: Int, stride: Int) -> (before: Int, after: Int) {
    let outputs = (extent + stride - 1) / stride
    let total = max(0, (outputs - 1) * stride + window - extent)
    switch self {
    case .places(let places): return (places, places)
    case .same: return (total / 2, total - total / 2)
    case .sameLower: return (total - total / 2, total / 2)
    }
  }

  /// How many windows fit an axis; 0 or less if none does.
  func count(extent: Int, window: Int, stride: Int) -> Int {
    let (before, after) = edges(extent: extent, window: window, stride: stride)
    return extent + before + after < window ? 0 : (extent + before + after - window) / stride + 1
  }

  /// `padding: 1`, if it is not 0.
  var suffix: String {
    switch self {
    case .places(0): ""
    case .places(let places): ", padding: \(places)"
    case .same: ", padding: \"same\""
    case .sameLower: ", padding: \"same_lower\""
    }
  }
}
