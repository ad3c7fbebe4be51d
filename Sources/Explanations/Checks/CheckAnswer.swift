import Display
import Language
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The answer to `:check L`: every step behind a number computed a second way, and its gradients against central differences.
package struct CheckAnswer {
  private let interpreter: Interpreter
  private let name: String
  private let ancestry: Ancestry
  private let isSingle: Bool
  private var style: Style { interpreter.settings.style }

  /// By how much numbers are moved to both sides, and how far the difference may be from the gradient.
  private var step: Double { isSingle ? 1e-3 : 1e-5 }
  private var tolerance: Double { isSingle ? 1e-3 : 1e-8 }

  /// - Throws: E0835 for what is no number computed from others.
  package init(_ text: String, _ interpreter: Interpreter) throws(Diagnostic) {
    self.interpreter = interpreter
    name = text.words.joined(separator: " ")
    isSingle = interpreter.settings.precision == .f32
    guard !name.isEmpty else {
      throw Diagnostic(
        "E0804", ":check wants the name of a number that was computed from others",
        suggestions: interpreter.lastNumber.map { [.init(.try, ":check \($0)")] } ?? [])
    }
    guard name.allSatisfy({ !" ()+-*/@·,".contains($0) }) else {
      throw Diagnostic(
        "E0835", ":check wants a name: a check goes through the lines behind it",
        suggestions: [.init(.try, "q = \(name)"), .init(.or, ":check q")])
    }
    let value = try interpreter.bound(name, for: ":check")
    guard value.shape == .scalar, let ancestry = interpreter.ancestry(of: name) else {
      throw Diagnostic(
        "E0835", "\(name) is \(value.outline), and :check takes one number, such as a loss",
        suggestions: interpreter.lastNumber.map { [.init(.try, ":check \($0)")] } ?? [])
    }
    guard !Ancestry.isLeaf(ancestry.root) else {
      throw Diagnostic("E0835", "\(name) was typed, not computed from other names")
    }
    self.ancestry = ancestry
  }

  package func document() throws(Diagnostic) -> Document {
    let format = NumberFormat(style)
    let value = ancestry.root.value.asTensor(.float64)?.item ?? .nan
    let forward = forward()
    var document = Document()
    let head = "\(name) = \(format.text(value)), forward: "
    for (index, text) in forward.lines.enumerated() {
      let line = (index == 0 ? "  " + head : "  ") + text
      document.append(
        contentsOf: line.shown(style).wrapped(to: style.width - 2).map {
          Line("  " + $0, forward.isGood ? .plain : .error)
        })
    }
    let leaves: [Version]
    let gradients: [[Tensor]]
    do throws(Diagnostic) {
      leaves = try interpreter.parameters(of: ancestry)
      gradients = try interpreter.clearedGradients(of: ancestry, by: leaves)
    } catch {
      document.append(Line())
      document.append(Line("  no gradient to check: \(error.message)".shown(style).cut(to: style.width, style: style)))
      return document
    }
    document.append(Line())
    let kink = nearestKink()
    try appendTable(leaves, gradients, to: &document)
    if let kink = kink?.text.shown(style) {
      if kink.displayWidth + 2 <= style.width {
        document.append(Line("  " + kink))
      } else {
        document.append(
          contentsOf: kink.wrapped(to: style.width - 4).enumerated().map { Line(($0 == 0 ? "  " : "    ") + $1) })
      }
    }
    return document
  }

  // MARK: Forward

  /// Each statement's result against the second computation.
  private func forward() -> (lines: [String], isGood: Bool) {
    var (agreeing, steps) = (0, 0)
    var unknown: [String] = []
    for (origin, versions) in ancestry.versions(along: ancestry.origins) where !Ancestry.inputs(of: origin).isEmpty {
      let numeric = versions.filter { version in
        if case .sequence = version.value { return true }
        return version.value.asTensor(.float64) != nil
      }
      guard let version = numeric.last else { continue }
      steps += 1
      let inputs = Ancestry.everything(of: origin)
      var second = SecondComputation(
        given: { try? interpreter.value(of: $0, within: origin) },
        result: { name in versions.first { $0.name == name }?.value ?? interpreter.value(named: name) }
      ) { name in inputs[name] ?? interpreter.builtin(name) }
      do throws(SecondComputation.Refusal) {
        if try agrees(&second, origin, version, numeric) {
          agreeing += 1
        } else {
          let text = origin.text.firstLineOnly
          return (["line \(origin.line), \(text), comes out differently a second way ✗"], false)
        }
      } catch {
        unknown.append(version.name)
      }
    }
    let count = "\(agreeing) step\(agreeing == 1 ? "" : "s") computed a second way, all agree ✓"
    if unknown.isEmpty { return ([count], true) }
    let names = unknown.prefix(3).joined(separator: ", ") + (unknown.count > 3 ? ", …" : "")
    if agreeing == 0 { return (["no second way is known here for \(names)"], true) }
    return (
      ["\(agreeing) of \(steps) steps computed a second way, all agree ✓", "no second way is known here for \(names)"],
      true
    )
  }

  /// Whether a statement gives the same a second way: every value of a sequence.
  private func agrees(
    _ second: inout SecondComputation, _ origin: Origin, _ version: Version, _ versions: [Version]
  ) throws(SecondComputation.Refusal) -> Bool {
    if let tensor = version.value.asTensor(.float64) {
      return agrees(try second.compute(origin.statement, version.name, shape: tensor.shape), tensor)
    }
    let found = try second.computeSequences(origin.statement)
    for version in versions {
      guard case .sequence(let sequence) = version.value, let own = found[version.name] else { continue }
      for (number, numbers) in own {
        guard let tensor = sequence[number]?.asTensor(.float64) else { continue }
        if !agrees(numbers, tensor) { return false }
      }
    }
    return true
  }

  private func agrees(_ numbers: PlainNumbers, _ tensor: Tensor) -> Bool {
    let values = tensor.detached.elements
    guard numbers.shape == tensor.shape.dimensions else { return false }
    let bound = isSingle ? 1e-4 : 1e-9
    let largest = values.reduce(1) { max($0, $1.isFinite ? $1.magnitude : 0) }
    return zip(numbers.values, values).allSatisfy {
      $0 == $1 || $0.isNaN && $1.isNaN || ($0 - $1).magnitude <= bound * largest
    }
  }

  // MARK: Gradients

  private func appendTable(_ leaves: [Version], _ gradients: [[Tensor]], to document: inout Document)
    throws(Diagnostic)
  {
    struct Row {
      let name, shape, largest, counted: String
      let isGood: Bool
    }
    let format = NumberFormat(style)
    var rows: [Row] = []
    let (began, budget) = (Self.seconds(), seconds)
    let count = max(1, leaves.reduce(0) { $0 + $1.value.tensors.count })
    let wide = leaves.flatMap { $0.value.tensors }.map { $0.count }.max() ?? 0
    let digits = "\(wide)".count
    for (leaf, slopes) in zip(leaves, gradients) {
      var names: [String] = []
      leaf.value.nameLeaves(leaf.name, into: &names)
      for (index, slope) in slopes.enumerated() {
        let exact = slope.elements
        // Those that are tried lie evenly; on what takes long, as many as the time allows.
        let wanted = min(exact.count, 200)
        let size = exact.reduce(0) { max($0, $1.magnitude) }
        var (tried, good, bent) = (0, 0, 0)
        var worst: (element: Int, difference: Double)?
        for number in 0..<wanted {
          // Each parameter has its share of the time.
          if Self.seconds() - began > budget * Double(rows.count + 1) / Double(count) { break }
          let element = number * exact.count / wanted
          let sides = try oneSided(leaf, index, element)
          let bound = tolerance * max(1, exact[element].magnitude)
          tried += 1
          if ((sides.left + sides.right) / 2 - exact[element]).magnitude <= bound {
            good += 1
          } else if (sides.left - sides.right).magnitude > 100 * bound, try isRightBeside(leaf, index, element, bound) {
            // The slopes to both sides differ: a kink within the step. Right beside it the gradient is the slope.
            bent += 1
          } else if worst == nil {
            worst = (element, (sides.left + sides.right) / 2)
          }
        }
        let bound = isSingle ? "1e-3" : "1e-8"
        var counted: String
        if tried == 0 {
          counted = "not tried, it would take long"
        } else if tried == exact.count {
          counted =
            "\("\(good)".leftPadded(to: digits)) of \("\(tried)".leftPadded(to: digits)) within \(bound)"
        } else {
          counted = "\(good) of \(tried) tried within \(bound)"
        }
        if tried > 0 {
          counted += good + bent < tried ? " ✗" : bent == 0 ? " ✓" : ", \(bent) at a kink: ✓ beside it"
        }
        if let worst {
          let place = OptimizerAnswer.subscripts(worst.element, slope.shape)
          counted += "  \(names[index])\(place): \(format.text(worst.difference))"
        }
        let partial = style.ascii ? "partial(\(name), \(names[index].shown(style)))" : "∂\(name)/∂\(names[index])"
        rows.append(
          Row(
            name: partial, shape: slope.shape.rank == 0 ? "" : slope.shape.description, largest: format.text(size),
            counted: counted.shown(style), isGood: good + bent == tried))
      }
    }
    let nameWidth = max(12, (rows.map { $0.name.displayWidth }.max() ?? 0) + 2)
    let shapeWidth = max(8, (rows.map { $0.shape.count }.max() ?? 0) + 2)
    let stepText = isSingle ? "1e-3" : "1e-5"
    let title =
      "gradient".padded(to: nameWidth) + "shape".padded(to: shapeWidth) + "  max |∇|".shown(style)
      + (nameWidth + shapeWidth > 24
        ? "    against central differences, step \(stepText)"
        : "    exact against central differences, step \(stepText)")
    document.append(Line("  " + title.cut(to: style.width - 2, style: style), .dim))
    let shown = rows.count > 14 ? Array(rows.prefix(6)) + Array(rows.suffix(6)) : rows
    for (index, row) in shown.enumerated() {
      if rows.count > 14, index == 6 {
        let hidden = rows[6..<rows.count - 6]
        document.append(
          Line(
            "  \(style.glyph("…", "...")) \(hidden.count) more, \(hidden.allSatisfy(\.isGood) ? "all within it" : "not all within it")",
            .dim))
      }
      let text =
        row.name.padded(to: nameWidth) + row.shape.padded(to: shapeWidth) + row.largest.leftPadded(to: 9) + "    "
      let counted = row.counted.cut(to: style.width - 2 - text.displayWidth, style: style)
      document.append("  \(text)\(counted, row.isGood ? .success : .error)")
    }
  }

  /// The slopes to the left and to the right of one number, over a small step.
  private func oneSided(
    _ leaf: Version, _ index: Int, _ element: Int
  ) throws(Diagnostic) -> (left: Double, right: Double) {
    func value(_ shift: Double) throws(Diagnostic) -> Double {
      var leaves = leaf.value.tensors
      var numbers = leaves[index].detached.elements
      numbers[element] += shift
      // In f64 also where the session is f32: the difference of two neighbours has few digits.
      leaves[index] = Tensor(numbers, shape: leaves[index].shape, .float64)
      let rerun = try interpreter.rerun(ancestry, changing: [(leaf, leaf.value.replacing(leaves))])
      return rerun[ancestry.root].asTensor(.float64)?.detached.item ?? .nan
    }
    let (left, here, right) = (try value(-step), try value(0), try value(step))
    return ((here - left) / step, (right - here) / step)
  }

  /// Whether the gradient is the slope a little to one side of where a function bends.
  private func isRightBeside(_ leaf: Version, _ index: Int, _ element: Int, _ bound: Double) throws(Diagnostic) -> Bool
  {
    for side in [20 * step, -20 * step] {
      var place = -1
      let gradients = try interpreter.gradients(of: ancestry, by: [leaf]) { tensor in
        place += 1
        return place == index ? tensor.moved(element, by: side) : tensor
      }
      func value(_ shift: Double) throws(Diagnostic) -> Double {
        var leaves = leaf.value.tensors
        leaves[index] = leaves[index].moved(element, by: shift)
        let rerun = try interpreter.rerun(ancestry, changing: [(leaf, leaf.value.replacing(leaves))])
        return rerun[ancestry.root].asTensor(.float64)?.detached.item ?? .nan
      }
      let slope = (try value(side + step) - value(side - step)) / (2 * step)
      if (slope - gradients[0][index][flat: element]).magnitude <= 10 * bound { return true }
    }
    return false
  }

  /// How long the gradients are tried: under a second where a loss is computed from many numbers; else so long that a busy machine
  /// shows what an idle one shows.
  private var seconds: Double {
    var seen: Set<ObjectIdentifier> = []
    var count = 0
    for version in ancestry.origins.flatMap(Ancestry.inputs) where seen.insert(ObjectIdentifier(version)).inserted {
      count += version.value.tensors.reduce(0) { $0 + $1.count }
    }
    return count <= 20_000 ? 10 : 0.6
  }

  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  // MARK: Kinks

  /// The place nearest to where a function bends: the usual reason for a false alarm.
  private func nearestKink() -> (text: String, distance: Double)? {
    var nearest: (place: String, value: Double, function: String)?
    func see(_ place: @autoclosure () -> String, _ value: Double, _ function: String) {
      if value.isFinite, nearest.map({ value.magnitude < $0.value.magnitude }) ?? true {
        nearest = (place(), value, function)
      }
    }
    for origin in ancestry.origins {
      var pending = origin.statement.expressions
      while let expression = pending.popLast() {
        pending += expression.children
        guard case .call(let callee, let arguments) = expression.kind, case .name(let function) = callee.kind,
          let argument = arguments.first?.value
        else { continue }
        if ["relu", "leaky_relu", "abs"].contains(function), arguments.count == 1 {
          guard let tensor = try? interpreter.value(of: argument, within: origin).asTensor(.float64) else { continue }
          let text = argument.name?.text ?? "the input of \(function) "
          for (element, value) in tensor.detached.elements.enumerated() {
            see(text + OptimizerAnswer.subscripts(element, tensor.shape), value, function)
          }
        } else if case .network(let network)? = interpreter.value(named: function),
          var x = try? interpreter.value(of: argument, within: origin).asTensor(.float64)?.detached
        {
          for (index, layer) in network.network.layers.enumerated() {
            if layer.kind.contains("relu") {
              for (element, value) in x.elements.enumerated() {
                see(
                  "the input \(OptimizerAnswer.subscripts(element, x.shape)) of \(function)[\(index)]", value,
                  layer.kind)
              }
            }
            guard let y = try? layer(x) else { break }
            x = y.detached
          }
        }
      }
    }
    return nearest.map { kink in
      let value = NumberFormat(style).text(kink.value)
      return (
        "nearest kink  \(kink.place) = \(value): \(kink.function) bends at 0, a step across it would not agree",
        kink.value.magnitude
      )
    }
  }
}

extension Tensor {
  /// One number moved, in f64: the difference of two neighbours has few digits.
  fileprivate func moved(_ element: Int, by shift: Double) -> Tensor {
    var numbers = detached.elements
    numbers[element] += shift
    return Tensor(numbers, shape: shape, .float64)
  }
}
