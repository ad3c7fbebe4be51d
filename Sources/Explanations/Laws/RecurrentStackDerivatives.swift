import Language
import Networks
import Tensors

extension LayerDerivatives {
  /// Derivatives by the weights or the input of a recurrent layer.
  func recurrent(_ parameter: Networks.Parameter?) throws -> LetterLaw? {
    guard let stack = (layer as? any RecurrentLayer)?.stack, stage.x.rank == 3 else { return nil }
    guard let context = stage.context,
      let passes = try RecurrentTrace.passes(stack, layer.parameters, stage.x, stage.dy, context)
    else { return nil }
    if parameter == nil, stack.isBidirectional { return bothInputs(stack, passes) }
    guard let index = parameter.map({ part in passes.firstIndex { part.name.dropFirst() == $0.suffix } }) ?? 0 else {
      return nil
    }
    let own = passes[index]
    let letters = letters(stack, passes, index)
    let later = own.isReversed ? "t+1" : "t-1"
    let share = stack.cell == .gru ? "δs" : "δa"
    let sums = [.tanh: "the sum in tanh", .relu: "the sum in relu"][stack.cell] ?? "the sums in the gates"
    let meaning = "δa\(letters.mark) = \(self.meaning.prefix { $0 != "/" })/∂(\(sums))"
    let shareMeaning = stack.cell == .gru ? "δs\(letters.mark) = that by h U" : meaning
    func law(
      _ places: [String], _ text: String, column: Int?, where more: [String]
    ) -> LetterLaw {
      letters.law(
        places, text.replacingAll(" * ", with: "·").replacingWord("x", with: letters.x.label),
        card: stack.cell == .lstm ? "D4.lstm.h" : stack.cell == .gru ? "" : "D2.rnn", where: more,
        remark: { at, _ in column.flatMap { letters.remark(at[$0]) } }
      ) { _ in text }
    }
    let steps = own.isReversed ? "t in 0..<\(own.steps - 1)" : "t in 1..<\(own.steps)"
    let samples = stage.x.shape[0]
    let input =
      letters.x.label == "x" ? standings : letters.x === x ? [] : ["\(letters.x.label) = the states of the layer below"]
    guard let parameter else {
      let W = "W\(own.suffix) = \(stage.path).W\(own.suffix)"
      return law(["n", "t", "i"], "∑[j] δa[n,t,j] * W[i,j]", column: nil, where: [W, meaning])
    }
    switch parameter.name.first {
    case "W": return law(["i", "j"], "∑[n,t] x[n,t,i] * δa[n,t,j]", column: 1, where: input + [meaning])
    case "U":
      let text = "∑[n in 0..<\(samples), \(steps)] h[n,\(later),i] * \(share)[n,t,j]"
      let shown = "∑[n,t] h[n,\(later),i]·\(share)[n,t,j]"
      guard own.steps > 1 || own.starts["h"] != nil else { return nil }
      let first = own.isReversed ? own.steps - 1 : 0
      let begin = own.starts["h"] == nil ? "" : "∑[n] h0[n,i] * \(share)[n,\(first),j]"
      let parts = [begin, own.steps > 1 ? text : ""].filter { !$0.isEmpty }.joined(separator: " + ")
      return letters.law(
        ["i", "j"], begin.isEmpty ? shown : "∑[n] h0[n,i]·\(share)[n,\(first),j] + \(shown)",
        where: ["h the states"] + (begin.isEmpty ? [] : ["h0 the state it began with"])
          + [stack.cell == .gru ? shareMeaning : meaning],
        remark: { at, _ in letters.remark(at[1]) }
      ) { _ in parts }
    case "b": return law(["j"], "∑[n,t] δa[n,t,j]", column: 0, where: [meaning])
    case "c":
      let hidden = stack.hidden
      return letters.law(["j"], "∑[n,t] δs[n,t,\(2 * hidden)+j]", where: [shareMeaning]) { at in
        "∑[n,t] δs[n,t,\(2 * hidden + at[0])]"
      }
    default: return nil
    }
  }

  /// Both directions read what the layer is given, and both send something back.
  private func bothInputs(_ stack: RecurrentStack, _ passes: [RecurrentTrace]) -> LetterLaw? {
    let both = [0, 1].map { letters(stack, passes, $0) }
    let sums = both.compactMap { $0.letter("δa") }
    guard sums.count == 2, let W = both[0].weights["W"], let R = both[1].weights["W"] else { return nil }
    let text = "∑[j] A0[n,t,j] * W0[i,j] + ∑[j] A1[n,t,j] * W1[i,j]"
    return LetterLaw(
      ["n", "t", "i"],
      formula: "∑[j] \(sums[0].label)[n,t,j]·\(W.label)[i,j] + ∑[j] \(sums[1].label)[n,t,j]·\(R.label)[i,j]",
      ["A0": sums[0], "A1": sums[1], "W0": W, "W1": R], interpreter, margin: margin(""),
      standings: [
        "\(W.label) = \(stage.path).\(W.label)", "\(R.label) = \(stage.path).\(R.label)", "both directions read it",
      ],
      letters: sums
    ) { _ in text }
  }

  /// The letters of one layer and direction of a stack.
  func letters(_ stack: RecurrentStack, _ passes: [RecurrentTrace], _ index: Int, isBackward: Bool = true)
    -> RecurrentLetters
  {
    let pass = passes[index]
    let directions = stack.isBidirectional ? 2 : 1
    var weights: [String: Known] = [:]
    for name in ["W", "U", "b", "c"] {
      guard let value = layer.parameters.first(where: { $0.name == name + pass.suffix })?.value else { continue }
      weights[name] = Known(name + pass.suffix, .tensor(value), .given)
    }
    let isFirst = index < directions
    let isOnly = passes.count == 1
    let incoming = !isBackward ? nil : isOnly ? delta : incoming(stack, passes, index)
    let input = isFirst ? x : below(stack, passes, index, isBackward)
    var letters = RecurrentLetters(
      cell: stack.cell, hidden: stack.hidden, trace: pass, x: input, weights: weights, delta: incoming,
      givesLast: stack.givesLast && isOnly, interpreter: interpreter, margin: margin(""),
      standings: (isFirst ? standings : ["\(input.label) = the states of the layer below"])
        + ["W", "U", "b"].map { "\($0)\(pass.suffix) = \(stage.path).\($0)\(pass.suffix)" })
    letters.mark = isOnly || pass.suffix.isEmpty ? "" : pass.suffix.hasPrefix("_") ? pass.suffix : "_" + pass.suffix
    if !isOnly { letters.others = [input].filter(\.isLetter) }
    if isBackward, let context = stage.context {
      let (layer, x, moved) = (layer, stage.x, moved)
      letters.check = { name, places in
        guard let value = pass.values[name],
          let before = try? RecurrentTrace.output(stack, layer.parameters, x, context, moving: nil)
        else { return nil }
        return CentralDifference(of: Tensor.zeros(value.shape, value.elementType), at: places) { offset in
          let move = RecurrentTrace.Move(pass: index, name: name, offset: offset)
          let after = try? RecurrentTrace.output(stack, layer.parameters, x, context, moving: move)
          return after.flatMap { moved($0.detached - before.detached) }
        }
      }
    }
    return letters
  }

  /// What comes back to the states of one layer and direction from behind: from the layers above it, or of the last from behind the
  /// whole.
  private func incoming(_ stack: RecurrentStack, _ passes: [RecurrentTrace], _ index: Int) -> Known? {
    let (pass, hidden) = (passes[index], stack.hidden)
    let directions = stack.isBidirectional ? 2 : 1
    guard let value = pass.flows["y"] else { return nil }
    let start = (index % directions) * hidden
    let column = start == 0 ? "u" : "\(start)+u"
    let name = "δy" + (pass.suffix.isEmpty || pass.suffix.hasPrefix("_") ? pass.suffix : "_" + pass.suffix)
    let above = (index / directions + 1) * directions
    let known = Known(
      name, .tensor(value),
      .law {
        if above >= passes.count {
          let last = pass.isReversed ? 0 : pass.steps - 1
          let place = stack.givesLast ? "[n,\(column)]" : "[n,t,\(column)]"
          return LetterLaw(
            ["n", "t", "u"], formula: "\(delta.label)\(place)", ["δ": delta], interpreter, margin: margin(""),
            standings: ["\(delta.label) = \(meaning)"]
              + (stack.givesLast ? ["only the last state is given on: 0 at the others"] : []),
            letters: [delta].filter(\.isLetter), check: { letters(stack, passes, index).check("y", $0) }
          ) { at in
            let column = String(start + at[2])
            return stack.givesLast ? at[1] == last ? "δ[n,\(column)]" : "0" : "δ[n,t,\(column)]"
          }
        }
        // Every direction of the layer above reads these states beside those of the other direction.
        var locals: [String: Known] = [:]
        var (formulas, texts, meanings): ([String], [String], [String]) = ([], [], [])
        for next in above..<(above + directions) {
          let letters = letters(stack, passes, next)
          guard let sums = letters.letter("δa"), let W = letters.weights["W"] else { return nil }
          (locals["A\(next)"], locals["W\(next)"]) = (sums, W)
          formulas.append("∑[j] \(sums.label)[n,t,j]·\(W.label)[\(column),j]")
          texts.append("∑[j] A\(next)[n,t,j] * W\(next)[")
          meanings.append("\(sums.label) what comes back to its sums")
        }
        return LetterLaw(
          ["n", "t", "u"], formula: formulas.joined(separator: " + "), locals, interpreter, margin: margin(""),
          standings: meanings, letters: locals.values.filter(\.isLetter),
          check: { letters(stack, passes, index).check("y", $0) }
        ) { at in texts.map { "\($0)\(start + at[2]),j]" }.joined(separator: " + ") }
      })
    known.isLetter = true
    return known
  }

  /// What a layer above the first reads: the states of the layer below, of both directions side by side.
  private func below(_ stack: RecurrentStack, _ passes: [RecurrentTrace], _ index: Int, _ isBackward: Bool) -> Known {
    let directions = stack.isBidirectional ? 2 : 1
    let (layer, hidden) = (index / directions, stack.hidden)
    let known = Known(
      "x_\(layer)", .tensor(passes[index].x),
      .law {
        let states = try (0..<directions).map { direction in
          let letters = letters(stack, passes, (layer - 1) * directions + direction, isBackward: isBackward)
          guard let state = letters.letter("h") else { throw Diagnostic("E0814", "no states") }
          return state
        }
        let formula = states.count == 1 ? "\(states[0].label)[n,t,i]" : "\(states[0].label) ++ \(states[1].label)"
        return LetterLaw(
          ["n", "t", "i"], formula: formula, margin: margin(""), standings: ["the states of the layer below"],
          letters: states
        ) { at, elements in
          let numbers = try at.allNumbers()
          let place = [numbers[0], numbers[1], numbers[2] % hidden].map { Coordinate($0) }
          return try elements.read(states[numbers[2] / hidden], place, Meanings(interpreter, SourceText("h")))
        }
      })
    known.isLetter = true
    return known
  }
}
