import Tensors

extension BuiltinCatalogue {
  /// Many numbers to one, along an axis or all of them; without an axis through all leaves of a record or network.
  static let reduce: [Builtin] = [
    reduction("sum", "The sum.", "\\sum_i x_i", "1", ("sum([1, 2; 3, 4], axis: 0)", "[4, 6]")) {
      x, axis, keep throws(ShapeError) in
      try Engine.sum(x, axis, keep)
    },
    reduction("mean", "The mean.", "\\frac{1}{n} \\sum_i x_i", "1/n", ("mean([1, 2; 3, 6])", "3")) {
      x, axis, keep throws(ShapeError) in
      try Engine.mean(x, axis, keep)
    },
    reduction("prod", "The product.", "\\prod_i x_i", "the product of the other numbers", ("prod([2, 3, 4])", "24")) {
      x, axis, keep throws(ShapeError) in
      try Engine.product(x, axis, keep)
    },
    extreme(
      "max", "The largest number; with two arguments the larger of each two.", "\\max_i x_i",
      "1 for the largest, the first at a tie, else 0", ("max([1, 5, 3])", "5"),
      isMax: true),
    extreme(
      "min", "The smallest number; with two arguments the smaller of each two.", "\\min_i x_i",
      "1 for the smallest, the first at a tie, else 0", ("min([4, 2, 3])", "2"),
      isMax: false),
    reduction(
      "var", "The variance, dividing by n.", "\\frac{1}{n} \\sum_i (x_i - \\bar{x})^2", "\\frac{2}{n} (x_i - \\bar{x})",
      ("var([1, 3])", "1")
    ) { x, axis, keep throws(ShapeError) in try Engine.variance(x, axis, keep) },
    reduction(
      "std", "The standard deviation, dividing by n; at 0 its derivative is 0.",
      "\\sqrt{\\frac{1}{n} \\sum_i (x_i - \\bar{x})^2}",
      "\\frac{x_i - \\bar{x}}{n s}, 0 where s is 0", ("std([1, 3])", "1")
    ) { x, axis, keep throws(ShapeError) in try Engine.deviation(x, axis, keep) },
    reduction(
      "argmax", "Where the largest number stands, the first at a tie.", "\\arg\\max_i x_i",
      "none: a place goes in steps", ("argmax([1, 5, 3])", "1")
    ) {
      x, axis, keep throws(ShapeError) in try Engine.argument(x, axis, keep, isMax: true)
    },
    reduction(
      "argmin", "Where the smallest number stands, the first at a tie.", "\\arg\\min_i x_i",
      "none: a place goes in steps", ("argmin([4, 2, 3])", "1")
    ) {
      x, axis, keep throws(ShapeError) in try Engine.argument(x, axis, keep, isMax: false)
    },
    reduction(
      "norm", "The Euclidean length; at 0 its derivative is 0.", "\\sqrt{\\sum_i x_i^2}",
      "x_i / \\|x\\|, 0 where the length is 0, as in PyTorch", ("norm([3, 4])", "5")
    ) {
      x, axis, keep throws(ShapeError) in
      try Engine.norm(x, axis, keep)
    },
    reduction(
      "all", "1 if every number is not 0.", "\\forall i: x_i \\ne 0", "none: 0 or 1 goes in steps", ("all([1, 0])", "0")
    ) {
      x, axis, keep throws(ShapeError) in
      try Engine.product(Engine.truths(x.detached), axis, keep)
    },
    reduction(
      "any", "1 if some number is not 0.", "\\exists i: x_i \\ne 0", "none: 0 or 1 goes in steps", ("any([1, 0])", "1")
    ) {
      x, axis, keep throws(ShapeError) in
      Engine.truths(try Engine.sum(Engine.truths(x.detached), axis, keep))
    },
    reduction(
      "logsumexp", "The logarithm of the sum of exponentials, without overflow.", "\\ln \\sum_i e^{x_i}",
      "\\mathrm{softmax}(x)_i", ("logsumexp([1000, 1000]) - 1000", "0.693147180559922")
    ) { x, axis, keep throws(ShapeError) in try Engine.logSumExp(x, axis, keep) },
  ]

  private static func reduction(
    _ name: String, _ summary: String, _ formula: String, _ derivative: String,
    _ example: (input: String, output: String),
    _ body: @escaping @Sendable (Tensor, Int?, Bool) throws(ShapeError) -> Tensor
  ) -> Builtin {
    Builtin(
      "\(name)(x, axis: none, keep: false)", .reduce, summary, formula: formula,
      shapes: "drops the axis, or all; keep: true leaves it with extent 1", derivative: derivative,
      example: example
    ) { call in try call.reduced(body) }
  }

  private static func extreme(
    _ name: String, _ summary: String, _ formula: String, _ derivative: String,
    _ example: (input: String, output: String), isMax: Bool
  ) -> Builtin {
    Builtin(
      "\(name)(x, y: none, axis: none, keep: false)", .reduce, summary, formula: formula,
      shapes: "x alone: drops the axis, or all; x and y: one may stretch", derivative: derivative,
      example: example
    ) { call in
      if call[1].isNothing {
        return try call.reduced { x, axis, keep throws(ShapeError) in try Engine.extreme(x, axis, keep, isMax: isMax) }
      }
      if case .number(let x) = call[0], case .number(let y) = call[1] {
        if x.isNaN || y.isNaN { return .number(.nan) }
        return .number(isMax ? (y > x ? y : x) : (y < x ? y : x))
      }
      let type: ElementType =
        if case .tensor(let x) = call[0] { x.elementType } else if case .tensor(let y) = call[1] { y.elementType } else
        { call.type }
      guard let x = call[0].tensor(type) else { throw call.wrong(0, "a tensor") }
      guard let y = call[1].tensor(type) else { throw call.wrong(1, "a tensor") }
      return Value(try Engine.extreme(x, y, isMax: isMax))
    }
  }
}

extension BuiltinCall {
  /// Applies a reduction to the first argument: along the axis named, or to all its numbers.
  func reduced(_ body: (Tensor, Int?, Bool) throws(ShapeError) -> Tensor) throws -> Value {
    let keep = try flag("keep")
    if self[0].isStructure {
      guard let leaves = self[0].leaves(type) else { throw wrong(0, "numbers") }
      guard !isGiven("axis") else { throw fail("E0212", "axis: is for a tensor, this is \(self[0].article)") }
      let flat = leaves.map { $0.reshaped(to: [$0.count]) }
      return Value(try body(try Engine.concatenate(flat, axis: 0), nil, false))
    }
    let x = try tensor(0)
    if isGiven("axis"), case .number = value("axis") {
    } else if isGiven("axis") {
      // Several axes, from the last on so that the others keep their places.
      var axes = Set<Int>()
      for axis in try wholes([value("axis")], index("axis")) {
        guard axes.insert(try x.shape.resolve(axis: axis)).inserted else { throw ShapeError.repeatedAxis(axis) }
      }
      return Value(try Engine.overAxes(x, axes.sorted(), keep, body))
    }
    return Value(try body(x, try axis("axis", of: x), keep))
  }
}
