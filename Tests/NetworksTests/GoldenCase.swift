import Tensors

/// What a golden case calculates, in one way or in several: by the layer, and by the formula step by step.
struct GoldenCase: Sendable {
  /// Returns the loss that the case's gradients are of; nil where nothing is differentiated, or the calculation notes gradients itself.
  typealias Calculation = @Sendable (GoldenRun) throws -> Tensor?
  struct Way: Sendable {
    let name: String
    let calculation: Calculation
  }

  /// The name of the case, or what the names of a family begin with.
  let name: String
  let ways: [Way]

  init(_ name: String, _ ways: (String, Calculation)...) {
    self.name = name
    self.ways = ways.map { Way(name: $0.0, calculation: $0.1) }
  }

  static let all: [GoldenCase] =
    activations + operations + losses + optimizers + networks + recurrent + attention + systems

  /// The case that a file is one of: by the name it says, or else by its own; the longest known beginning counts.
  static func known(_ said: String?, file: String) -> GoldenCase? {
    [said, file].lazy.compactMap { $0 }.compactMap { name in
      all.filter { known in
        // What follows the known beginning is another word or a number: `gru_long`, `gru2`, but not `gruesome`.
        name.hasPrefix(known.name) && !(name.dropFirst(known.name.count).first?.isLetter ?? false)
      }.max { $0.name.count < $1.name.count }
    }.first
  }
}
