import Language
import Networks
import Tensors

/// Derivatives through layers that bring numbers to mean 0 and variance 1.
extension LayerDerivatives {
  /// `x̂`, the numbers before gain and shift, is a letter of the answer.
  func norm(_ parameter: String?) throws -> LetterLaw? {
    let rank = stage.x.rank
    guard rank >= 1, rank <= 4 else { return nil }
    let letters = rank == 2 ? ["n", "i"] : Self.letters(rank)
    let isLayer = layer is LayerNorm
    guard isLayer || rank >= 2, isLayer || stage.context != nil else { return nil }
    let feature = isLayer ? letters[rank - 1] : letters[1]
    let others = letters.filter { $0 != feature }
    let index = list(letters)
    let normal = try normalized(letters, feature)
    var locals: [String: Known] = ["x̂": normal.value]
    for (name, known) in normal.letters { locals[name] = known }
    let sum = others.isEmpty ? "" : "∑\(list(others)) "
    let asked = [normal.value] + normal.letters.map(\.1)
    switch parameter {
    case "gain":
      return try law([feature], "\(sum)x̂\(index) * δ\(index)", locals, where: [normal.meaning], letters: asked)
    case "shift":
      return try law([feature], "\(sum)δ\(index)")
    default: break
    }
    guard isLayer || stage.isTraining else {
      return try law(
        letters, "gain[\(feature)] / √(v[\(feature)] + ε) * δ\(index)", locals, where: normal.letterMeanings)
    }
    // u = gain ⊙ δ; what the mean and the width of the row send back is taken off.
    let inner = isLayer ? ["k"] : Array(["k", "l", "m"].prefix(others.count))
    var rest = inner[...]
    let row = list(letters.map { isLayer == ($0 == feature) ? rest.popFirst() ?? "k" : $0 })
    let (kept, axes) = isLayer ? (others, [rank - 1]) : ([feature], (0..<rank).filter { $0 != 1 })
    let u = try product(letters, feature)
    let (flow, scaled) = (try numbers(u), try numbers(u) * numbers(normal.value))
    let mean = letter("a", flow.mean(axes: axes)) {
      try self.law(kept, "mean\(self.list(inner)) u\(row)", ["u": u], letters: [u])
    }
    let share = letter("c", scaled.mean(axes: axes)) {
      try self.law(
        kept, "mean\(self.list(inner)) u\(row) * x̂\(row)", ["u": u, "x̂": normal.value], letters: [u, normal.value])
    }
    locals.merge(["u": u, "a": mean, "c": share]) { $1 }
    let at = kept.isEmpty ? "" : list(kept)
    return try law(
      letters, "(u\(index) - a\(at) - x̂\(index) * c\(at)) / √(v\(at) + ε)", locals,
      where: ["u = gain ⊙ δ", "a = mean of u", "c = mean of u ⊙ x̂", normal.meaning],
      letters: asked + [u, mean, share])
  }

  /// `gain[i]·x̂[n,i] + shift[i]`
  func normForward() throws -> LetterLaw? {
    let rank = stage.x.rank
    guard rank >= 1, rank <= 4 else { return nil }
    let letters = Self.letters(rank)
    guard layer is LayerNorm || rank >= 2 else { return nil }
    let feature = layer is LayerNorm ? letters[rank - 1] : letters[1]
    let normal = try normalized(letters, feature)
    return try law(
      letters, "gain[\(feature)] * x̂\(list(letters)) + shift[\(feature)]", ["x̂": normal.value], where: [normal.meaning],
      letters: [normal.value])
  }

  /// A letter that an answer brings in, with its numbers and its law.
  func letter(_ name: String, _ value: Tensor, _ law: @escaping () throws -> LetterLaw?) -> Known {
    let known = Known(name, Value(value), .law(law))
    known.isLetter = true
    return known
  }

  private func numbers(_ known: Known) throws -> Tensor {
    guard let numbers = try known.value().numbers(.float64) else { throw Diagnostic("E0811", "no number") }
    return numbers
  }

  private func product(_ letters: [String], _ feature: String) throws -> Known {
    let gain = layer.parameters[0].value.cast(to: .float64)
    let rank = stage.dy.rank
    let form = layer is LayerNorm ? gain.shape : Shape([gain.count] + [Int](repeating: 1, count: rank - 2))
    let u = stage.dy.cast(to: .float64) * gain.reshaped(to: form)
    return letter("u", u) { try self.law(letters, "gain[\(feature)] * δ\(self.list(letters))") }
  }

  private typealias Normal = (
    value: Known, meaning: String, letters: [(String, Known)], letterMeanings: [String]
  )

  private func normalized(_ letters: [String], _ feature: String) throws -> Normal {
    let x = stage.x.cast(to: .float64).detached
    let rank = x.rank
    let index = list(letters)
    let (mean, variance, epsilon, places, meanings): (Tensor, Tensor, Double, [String], [String])
    let value: Tensor
    if let layer = layer as? LayerNorm {
      let found = try Networks.normalized(x, over: [rank - 1], epsilon: layer.epsilon)
      let rows = Shape(Array(x.shape.dimensions.dropLast()))
      (mean, variance, value) = (found.mean.reshaped(to: rows), found.variance.reshaped(to: rows), found.value)
      (epsilon, places) = (layer.epsilon, Array(letters.dropLast()))
      meanings = ["μ, v mean and variance of each row"]
    } else if let layer = layer as? BatchNorm {
      if stage.isTraining {
        let found = try Networks.normalized(x, over: (0..<rank).filter { $0 != 1 }, epsilon: layer.epsilon)
        let features = Shape([x.shape[1]])
        (mean, variance) = (found.mean.reshaped(to: features), found.variance.reshaped(to: features))
      } else {
        (mean, variance) = (layer.runningMean.cast(to: .float64), layer.runningVariance.cast(to: .float64))
      }
      let form = Shape([mean.count] + [Int](repeating: 1, count: rank - 2))
      value = (x - mean.reshaped(to: form)) / (variance.reshaped(to: form) + layer.epsilon).sqrt()
      (epsilon, places) = (layer.epsilon, [feature])
      meanings =
        stage.isTraining
        ? ["μ, v mean and variance of the batch"] : ["μ, v = \(stage.path).running_mean, .running_var"]
    } else {
      throw Diagnostic("E0814", "\(layer.kind) does not normalise")
    }
    let at = places.isEmpty ? "" : list(places)
    let parts: [(String, Known)] = [
      ("μ", Known("μ", Value(mean), .given)), ("v", Known("v", Value(variance), .given)),
      ("ε", Known("ε", .number(epsilon), .given)),
    ]
    let text = "(x\(index) - μ\(at)) / √(v\(at) + ε)"
    let own = Dictionary(uniqueKeysWithValues: parts)
    let known = letter("x̂", value) { try self.law(letters, text, own, where: meanings) }
    return (known, "x̂ = (x - μ) / √(v + ε)", parts, meanings)
  }
}
