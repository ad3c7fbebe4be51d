import Tensors

/// How far windows reach beyond the edges of an image, over zeros.
public enum Padding: Sendable, Equatable {
  /// This many places at every edge.
  case places(Int)
  /// As many that the output has `ceil(input / stride)` places; an odd one goes to the bottom and to the right, as in TensorFlow.
  case same

  static let argument = Argument.optional(
    "padding", .countOrWord(["same"]), "0", "places of zeros at each edge, or \"same\"")

  init(_ arguments: Arguments) {
    self = arguments.word("padding") == "same" ? .same : .places(arguments.count("padding"))
  }

  /// The places before the first and after the last of an axis.
  func edges(extent: Int, window: Int, stride: Int) -> (before: Int, after: Int) {
    switch self {
    case .places(let places): return (places, places)
    case .same:
      let outputs = (extent + stride - 1) / stride
      let places = max(0, (outputs - 1) * stride + window - extent)
      return (places / 2, places - places / 2)
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
    }
  }
}
