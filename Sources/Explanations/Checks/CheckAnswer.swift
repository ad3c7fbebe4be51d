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
    guard value.isFinite else {
      document.append(Line())
      document.append(Line("  no gradient to check where \(name) is \(format.text(value)); see :why \(name)"))
      return document
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
        return version.value.asTensor(.float64) != nil || origin.statement.isUnpacking && !version.value.tensors.isEmpty
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
    if case .bind(let targets, let values, _) = origin.statement.kind, origin.statement.isUnpacking {
      let (result, state) = try second.carrying(values[0])
      return versions.allSatisfy { version in
        let found = targets.firstIndex { $0.root == version.name } == 0 ? [result] : state
        let tensors = version.value.tensors
        return found.count == tensors.count && zip(found, tensors).allSatisfy(agrees)
      }
    }
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
    var check = GradientCheck(interpreter, ancestry, isSingle: isSingle)
    let (began, budget) = (Self.seconds(), seconds)
    let count = max(1, leaves.reduce(0) { $0 + $1.value.tensors.count })
    let wide = leaves.flatMap { $0.value.tensors }.map { $0.count }.max() ?? 0
    let digits = "\(wide)".count
    for (leaf, slopes) in zip(leaves, gradients) {
      var names: [String] = []
      leaf.value.nameLeaves(leaf.name, into: &names)
      for (index, slope) in slopes.enumerated() {
        // Each parameter has its share of the time.
        let end = began + budget * Double(rows.count + 1) / Double(count)
        let found = check.compare(slope, leaf, index) { Self.seconds() <= end }
        var counted: String
        if found.tried == 0 {
          counted = slope.count == 0 ? "empty" : "not tried, it would take long"
        } else if found.tried == slope.count {
          counted =
            "\("\(found.good)".leftPadded(to: digits)) of \("\(found.tried)".leftPadded(to: digits)) within \(found.bound)"
        } else {
          counted = "\(found.good) of \(found.tried) tried within \(found.bound)"
        }
        if found.tried > 0 {
          counted += !found.isGood ? " ✗" : found.bent == 0 ? " ✓" : ", \(found.bent) beside a kink ✓"
        }
        if let worst = found.worst {
          let place = OptimizerAnswer.subscripts(worst.element, slope.shape)
          counted += "  \(names[index])\(place): \(worst.slope.map { format.text($0) } ?? "no number beside it")"
        }
        let partial = style.ascii ? "partial(\(name), \(names[index].shown(style)))" : "∂\(name)/∂\(names[index])"
        let size = slope.detached.elements.reduce(0) { max($0, $1.magnitude) }
        rows.append(
          Row(
            name: partial, shape: slope.shape.rank == 0 ? "" : slope.shape.description, largest: format.text(size),
            counted: counted.shown(style), isGood: found.isGood))
      }
    }
    let nameWidth = max(12, (rows.map { $0.name.displayWidth }.max() ?? 0) + 2)
    let shapeWidth = max(8, (rows.map { $0.shape.count }.max() ?? 0) + 2)
    let head = "gradient".padded(to: nameWidth) + "shape".padded(to: shapeWidth) + "  max |∇|    ".shown(style)
    let against = ["exact against central differences, step 1e-5", "against central differences, step 1e-5"]
    let title = against.first { head.displayWidth + $0.count <= style.width - 2 } ?? "against differences"
    document.append(Line("  " + (head + title).cut(to: style.width - 2, style: style), .dim))
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

extension Statement {
  /// Whether it binds the parts of one value, `y, s = lstm(x, state: s)`.
  fileprivate var isUnpacking: Bool {
    if case .bind(let targets, let values, _) = kind { targets.count > 1 && values.count == 1 } else { false }
  }
}
