import Display
import Language
import Networks
import Tensors

/// What is inside a layer, written in the language on the first sample, with the layer's own weights.
extension WalkMaker {
  func inners(of layer: any Layer, _ x: Tensor, _ y: Tensor, _ around: Surroundings)
    -> [(name: String, walk: () -> Walk?)]?
  {
    switch layer {
    case let network as Network: return [("", { Self.walk(from: "x", layers(network, x, "body", "x", around)) })]
    case let convolution as Networks.Conv2d where x.rank == 4:
      return [("", { windows(of: convolution, x, y, around) })]
    case let pool as Networks.MaxPool2d where x.rank == 4:
      return [
        ("", { windows(ofPool: (pool.side, pool.side), pool.stride, x, y, around, isMax: true, padding: pool.padding) })
      ]
    case let pool as Networks.AvgPool2d where x.rank == 4:
      return [("", { windows(ofPool: (pool.side, pool.side), pool.stride, x, y, around, isMax: false) })]
    case let recurrent as any RecurrentLayer where x.rank == 3:
      return [("", { steps(of: recurrent, x, around) })]
    case let attention as MultiHeadAttention where (2...3).contains(x.rank):
      return [("", { heads(of: attention, x, around) })]
    case let block as TransformerBlock: return [("", { parts(of: block, x, around) })]
    case let residual as Residual: return [("", { parts(of: residual, x, y, around) })]
    default:
      guard let (lines, names) = equations(of: layer, x) else { return nil }
      let isBatch = layer is LayerNorm && x.rank == 3 || layer is Networks.Embedding && x.rank == 2
      return [("", { written(lines, names, isBatch ? x[0].detached : x, around) })]
    }
  }

  private func written(_ lines: String, _ names: [String: Value], _ x: Tensor, _ around: Surroundings) -> Walk? {
    var inside = around.adding("x", Value(x))
    for (name, value) in names { inside = inside.adding(name, value) }
    let entries = entries(lines, inside)
    return entries.isEmpty ? nil : Self.walk(from: "x", entries)
  }

  /// Layers that a few index equations say; the letters i and j are the row and the feature.
  private func equations(of layer: any Layer, _ x: Tensor) -> (lines: String, names: [String: Value])? {
    switch layer {
    case let norm as LayerNorm where (2...3).contains(x.rank):
      return (
        """
        μ[i] = (∑[j] x[i,j]) / d
        v[i] = (∑[j] (x[i,j] - μ[i])^2) / d
        z[i,j] = (x[i,j] - μ[i]) / √(v[i] + ε)
        y[i,j] = gain[j] * z[i,j] + shift[j]
        """, ["d": .number(Double(norm.features)), "ε": .number(norm.epsilon)]
      )
    case let norm as BatchNorm where x.rank == 2:
      return (
        """
        z[i,j] = (x[i,j] - mean[j]) / √(variance[j] + ε)
        y[i,j] = gain[j] * z[i,j] + shift[j]
        """,
        [
          "mean": Value(norm.runningMean), "variance": Value(norm.runningVariance), "ε": .number(norm.epsilon),
        ]
      )
    case is Networks.Embedding where (1...2).contains(x.rank): return ("y[i,j] = W[x[i], j]", [:])
    default: return nil
    }
  }

  // MARK: Attention

  /// Queries, keys, values, each head's scores, weights and context, what they are joined to.
  private func heads(of layer: MultiHeadAttention, _ x: Tensor, _ around: Surroundings) -> Walk? {
    let x = x.rank == 3 ? x[0].detached : x.detached
    let (steps, width) = (x.shape[0], x.shape[1])
    let each = width / layer.heads
    var lines = "q = x @ Wq + bq\nk = x @ Wk + bk\nv = x @ Wv + bv\n"
    for head in 0..<layer.heads {
      let columns = "[:, \(head * each)..<\((head + 1) * each)]"
      let h = head + 1
      lines += "q\(h) = q\(columns)\nk\(h) = k\(columns)\nv\(h) = v\(columns)\n"
      lines +=
        "S\(h) = q\(h) @ k\(h)ᵀ / √d\(layer.isCausal ? " + M" : "")\nA\(h) = softmax(S\(h))\nc\(h) = A\(h) @ v\(h)\n"
    }
    let joined = (1...layer.heads).map { "c\($0)" }.joined(separator: " ++ ")
    lines += "c = \(joined)\ny = c @ Wo + bo"
    // What comes later is not looked at.
    let mask = Tensor(
      (0..<steps * steps).map { $0 % steps > $0 / steps ? -.infinity : 0 }, shape: Shape([steps, steps]))
    return written(lines, ["d": .number(Double(each)), "M": Value(mask)], x, around)
  }

  /// The parts of a block, each added to what it was given and normalised.
  private func parts(of block: TransformerBlock, _ x: Tensor, _ around: Surroundings) -> Walk? {
    let parts = block.parts.map(\.layer)
    let isBefore = block.description.contains("\"before\"")
    let activation = block.description.contains("gelu") ? "gelu" : "relu"
    var values: [String: Tensor] = ["x": x.detached]
    var entries: [Entry] = []
    func through(_ layer: any Layer, _ name: String, from input: String) -> Bool {
      guard let given = values[input], let y = try? layer(given).detached else { return false }
      values[name] = y
      entries.append(self.layer(layer, name, given, y, input, around, isLast: false))
      return true
    }
    func line(_ text: String) -> Bool {
      var inside = around
      for (name, value) in values { inside = inside.adding(name, Value(value)) }
      let made = self.entries(text, inside)
      let source = SourceText(text)
      inside.source = source
      guard let statement = Parser.parse(source).statements.first, let name = statement.boundNames.first,
        let value = inside.bound(name, by: statement)?.numbers
      else { return false }
      values[name] = value
      entries += made
      return true
    }
    let isWhole =
      isBefore
      ? through(parts[1], "n", from: "x") && through(parts[0], "a", from: "n") && line("u = x + a")
        && through(parts[4], "m", from: "u") && through(parts[2], "e", from: "m") && line("g = \(activation)(e)")
        && through(parts[3], "o", from: "g") && line("y = u + o")
      : through(parts[0], "a", from: "x") && line("s = x + a") && through(parts[1], "u", from: "s")
        && through(parts[2], "e", from: "u") && line("g = \(activation)(e)") && through(parts[3], "o", from: "g")
        && line("r = u + o") && through(parts[4], "y", from: "r")
    return isWhole ? Self.walk(from: "x", entries) : nil
  }

  /// What goes through the body, what goes around it, their sum.
  private func parts(of residual: Residual, _ x: Tensor, _ y: Tensor, _ around: Surroundings) -> Walk? {
    let parts = residual.parts.map(\.layer)
    guard let body = parts.first, let inner = try? body(x).detached else { return nil }
    var entries = [layer(body, "body", x, inner, "x", around, isLast: false)]
    var inside = around.adding("x", Value(x.detached)).adding("body", Value(inner))
    var shortcut = "x"
    if parts.count > 1, let other = try? parts[1](x).detached {
      entries.append(layer(parts[1], "shortcut", x, other, "x", around, isLast: false))
      inside = inside.adding("shortcut", Value(other))
      shortcut = "shortcut"
    }
    entries += self.entries("y = \(shortcut) + body", inside)
    return Self.walk(from: "x", entries)
  }
}
