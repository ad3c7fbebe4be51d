import Language
import Networks
import Tensors

/// How one element of an expression comes about: the expression with the indices put in, down to named elements and typed numbers.
///
/// This is the heart of `:why`. It goes through the tree of a line as the engine does, but for one element: `X @ W + b` at `[0,2]` is
/// `∑[k] X[0,k]·W[k,2] + b[2]`. Names are read, not followed; calls of functions of the user are entered, calls of built-ins have
/// their laws (`LawCatalogue`).
struct Elements {
  /// What the reads of an answer are, by how they are written.
  final class Reads {
    private(set) var all: [(label: String, known: Known, at: [Coordinate])] = []
    private var labels: Set<String> = []
    /// Functions of the user that were entered: `f(x) = x^2`, and the line.
    var functions: [(text: String, line: Int)] = []
    /// Laws of layers, in their letters: `o[n,t,u]·tanh(C[n,t,u])`.
    var laws: [String] = []
    /// What a built-in says of itself: its card's id or its name.
    var margins: [String] = []
    /// Letters of definitions: `p = softmax(z)`.
    var letters: [(name: String, text: String, known: Known)] = []
    /// What letters stand for that is no name of the user's: `x = relu(z)`.
    var standings: [String] = []
    var remarks: [String] = []
    /// What a letter of a definition is: `d = 2, the length of a key`.
    var notes: [String: String] = [:]

    /// Forgets what a law said that does not hold.
    func forget() { (all, labels, laws, margins, letters, standings) = ([], [], [], [], [], []) }

    func add(_ label: String, _ known: Known, _ at: [Coordinate]) {
      if labels.insert(label).inserted { all.append((label, known, at)) }
    }

    /// The reads of a deeper step in the place of its own; what the steps say beside is kept.
    func descend(_ inner: Reads) {
      (all, labels) = (inner.all, inner.labels)
      laws += inner.laws
      margins += inner.margins
      letters += inner.letters
      standings += inner.standings
      functions += inner.functions
      remarks += inner.remarks
    }
  }

  let reads: Reads
  /// Letters of sums that are taken.
  var taken: Set<String> = []
  /// Whether a gradient in a line is written out, so that it can be differentiated.
  var opensGradients = false

  init(_ reads: Reads = Reads()) { self.reads = reads }

  static let letterNames = ["k", "l", "m", "p", "q", "r", "s", "u", "v"]

  /// A letter for a sum that stands for nothing yet.
  func letter(_ wanted: [String] = Elements.letterNames) -> String {
    (wanted + Self.letterNames).first { !taken.contains($0) } ?? "k"
  }

  func taking(_ letters: [String]) -> Elements {
    var inner = self
    inner.taken.formUnion(letters)
    return inner
  }

  // MARK: Expressions

  func element(_ expression: Expression, _ at: [Coordinate], _ around: Meanings) throws -> Calculation {
    switch expression.kind {
    case .number(let number): return .number(number)
    case .name(let name):
      if let place = around.letters[name] {
        return place.number.map { .number(Double($0)) } ?? .read(place.text, .nan)
      }
      guard let known = around.known(name) else { throw Diagnostic("E0101", "no name \(name)") }
      return try read(known, at, around)
    case .negate(let inner): return .negative(try element(inner, at, around))
    case .binary(let op, let left, let right): return try binary(op, left, right, expression, at, around)
    case .transpose(let inner):
      guard at.count >= 2 else { return try element(inner, at, around) }
      var places = at
      places.swapAt(at.count - 1, at.count - 2)
      return try element(inner, places, around)
    case .choice(let condition, let yes, let no):
      guard let holds = try truth(condition, at, around) else { return try whole(expression, at, around) }
      return try element(holds ? yes : no, try fit(at, holds ? yes : no, around), around)
    case .call(let callee, let arguments): return try call(callee, arguments, expression, at, around)
    case .index(let base, let items): return try index(base, items, expression, at, around)
    case .big(let op, let indices, let body): return try big(op, indices, body, expression, at, around)
    case .tensor(let rows): return try literal(rows, expression, at, around)
    default: return try whole(expression, at, around)
    }
  }

  /// An element of a value that is not taken apart: its text with the indices behind.
  func whole(_ expression: Expression, _ at: [Coordinate], _ around: Meanings) throws -> Calculation {
    var label = around.text(expression.substituting(around.letters))
    if label.contains(" "), !at.isEmpty { label = "(\(label))" }
    let known = Known(label, nil, .expression(expression, around))
    return try read(known, at, around)
  }

  /// An element of something known by a name.
  func read(_ known: Known, _ at: [Coordinate], _ around: Meanings) throws -> Calculation {
    if case .expression(let expression, let inner) = known.how, known.label.isEmpty {
      // A parameter: the argument is read where it stands.
      return try element(expression, at, inner)
    }
    if case .builtin = known.how, at.isEmpty, case .number(let number)? = try? known.value() {
      return .read(known.label, number)
    }
    let label = known.label + at.text
    guard let numbers = at.numbers else { return .read(label, .nan) }
    reads.add(label, known, at)
    return .read(label, try Self.number(in: try known.value(), numbers, label, around.interpreter.elementType))
  }

  /// One number of a value.
  static func number(in value: Value, _ places: [Int], _ label: String, _ type: ElementType) throws -> Double {
    if case .sequence(let sequence) = value {
      guard let first = places.first, let inner = sequence[first] else {
        throw Diagnostic("E0812", "\(label): the sequence has no such number")
      }
      return try number(in: inner, Array(places.dropFirst()), label, type)
    }
    if case .list(let items) = value, let first = places.first, items.indices.contains(first) {
      return try number(in: items[first], Array(places.dropFirst()), label, type)
    }
    guard let tensor = value.numbers(type) else {
      throw Diagnostic("E0811", "\(label) is \(value.article), not a number")
    }
    let shape = tensor.shape.dimensions
    if tensor.count == 1, places.isEmpty { return tensor[flat: 0] }
    guard shape.count == places.count else {
      throw Diagnostic("E0812", "\(label): \(tensor.shape) wants \(shape.count) indices")
    }
    var flat = 0
    for (axis, place) in places.enumerated() {
      guard place >= 0, place < shape[axis] else {
        throw Diagnostic("E0812", "\(label): index \(place) is outside axis \(axis) of \(tensor.shape)")
      }
      flat = flat * shape[axis] + place
    }
    return tensor[flat: flat]
  }

  // MARK: Shapes

  /// The extents of an expression; letters left in it stand for 0.
  func extents(_ expression: Expression, _ around: Meanings) throws -> [Int] {
    if case .name(let name) = expression.kind, around.letters[name] != nil { return [] }
    if case .name(let name) = expression.kind, let known = around.known(name), known.label.isEmpty,
      case .expression(let meant, let inner) = known.how, inner.letters.values.contains(where: { $0.number == nil })
    {
      return try extents(meant, inner)
    }
    // One number, whatever the letters stand for; 0 may be none of its places.
    if case .index(let base, let items) = expression.kind, !items.isEmpty,
      items.allSatisfy({ $0.value?.isWholeNumber(with: around.letters) == true }),
      items.contains(where: { $0.value?.uses(around.letters) == true }), try extents(base, around).count == items.count
    {
      return []
    }
    let filled = around.letters.values.contains { $0.number == nil } ? around.filled : around
    let value = try filled.value(expression)
    if case .sequence(let sequence) = value {
      return [sequence.numbers.upperBound] + (sequence[sequence.numbers.lowerBound]?.shape?.dimensions ?? [])
    }
    guard let shape = value.numbers(around.interpreter.elementType)?.shape else {
      throw Diagnostic("E0811", "\(around.text(expression)) is \(value.article), not a number or tensor")
    }
    return shape.dimensions
  }

  /// The places of an operand that stretches to a result: the last axes, 0 where it has one row only.
  func fit(_ at: [Coordinate], _ operand: Expression, _ around: Meanings) throws -> [Coordinate] {
    let extents = try extents(operand, around)
    return zip(at.suffix(extents.count), extents).map { $1 == 1 && $0.number != 0 ? Coordinate(0) : $0 }
  }

  private func truth(_ condition: Expression, _ at: [Coordinate], _ around: Meanings) throws -> Bool? {
    let places = try fit(at, condition, around)
    guard let numbers = places.numbers, !around.letters.values.contains(where: { $0.number == nil }) else { return nil }
    return try Self.number(in: around.value(condition), numbers, "the condition", around.interpreter.elementType) != 0
  }

  // MARK: Operators

  private func binary(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    func operand(_ part: Expression) throws -> Calculation { try element(part, try fit(at, part, around), around) }
    switch op.kind {
    case .add: return try operand(left) + operand(right)
    case .subtract: return try operand(left) - operand(right)
    case .multiply: return try operand(left) * operand(right)
    case .divide: return try operand(left) / operand(right)
    case .power: return .power(try operand(left), try operand(right))
    case .matrixProduct: return try product(left, right, at, around)
    case .join: return try join(left, right, whole, at, around)
    case .pipe: return try call(right, [Language.Argument(nil, left)], whole, at, around)
    case .remainder:
      return .call("mod", [try operand(left), try operand(right)]) { $0[0] - ($0[0] / $0[1]).rounded(.down) * $0[1] }
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .approximate:
      let sign = op.kind.sign(isASCII: false)
      let (a, b) = (try operand(left), try operand(right))
      let value = around.letters.values.contains { $0.number == nil } ? nil : try? around.value(whole)
      let number = try value.flatMap { value in
        try at.numbers.map { try Self.number(in: value, $0, "", around.interpreter.elementType) }
      }
      return .named("(\(a.text()) \(sign) \(b.text()))", .number(number ?? .nan))
    default: return try self.whole(whole, at, around)
    }
  }

  /// A matrix product, a product of vectors, of numbers.
  private func product(
    _ left: Expression, _ right: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    let (a, b) = (try extents(left, around), try extents(right, around))
    if a.isEmpty || b.isEmpty {
      return try element(left, try fit(at, left, around), around) * element(right, try fit(at, right, around), around)
    }
    let count = a[a.count - 1]
    var isTransposed = (false, false)
    if case .transpose = left.kind { isTransposed.0 = true }
    if case .transpose = right.kind { isTransposed.1 = true }
    let letter = letter(around.preferredLetter.map { [$0] } ?? (isTransposed.0 ? ["n"] : ["k"]))
    let inner = taking([letter])
    func terms(_ k: Coordinate) throws -> Calculation {
      var row: [Coordinate] = [k]
      var column: [Coordinate] = [k]
      var rest = at
      if b.count >= 2, let last = rest.popLast() { column.append(last) }
      if a.count >= 2, let last = rest.popLast() { row.insert(last, at: 0) }
      func batch(_ extents: [Int]) -> [Coordinate] {
        let lead = extents.dropLast(min(extents.count, 2))
        return zip(rest.suffix(lead.count), lead).map { $1 == 1 ? Coordinate(0) : $0 }
      }
      return try inner.element(left, batch(a) + row, around) * inner.element(right, batch(b) + column, around)
    }
    return try series(letter, count, terms)
  }

  /// A sum over one letter.
  func series(_ letter: String, _ count: Int, _ term: @escaping (Coordinate) throws -> Calculation) throws
    -> Calculation
  {
    let body = try term(Coordinate(letter: letter))
    // What can go wrong in a term goes wrong in the first and the last.
    if count > 0 { _ = (try term(Coordinate(0)), try term(Coordinate(count - 1))) }
    return .series(.init(letter, count: count, body: body) { (try? term(Coordinate($0))) ?? .number(.nan) })
  }

  private func join(
    _ left: Expression, _ right: Expression, _ whole: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    let extents = try extents(left, around)
    guard let last = at.last, let number = last.number else { return try self.whole(whole, at, around) }
    let width = extents.last ?? 1
    let isLeft = number < width
    let part = isLeft ? left : right
    let place = isLeft ? number : number - width
    let rank = try self.extents(part, around).count
    return try element(part, Array((at.dropLast() + [Coordinate(place)]).suffix(rank)), around)
  }

  private func literal(
    _ rows: [[Expression]], _ whole: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    guard let first = at.first?.number else { return try self.whole(whole, at, around) }
    if rows.count == 1 {
      guard rows[0].indices.contains(first) else { return try self.whole(whole, at, around) }
      return try element(rows[0][first], Array(at.dropFirst()), around)
    }
    guard at.count == 2, let second = at[1].number, rows.indices.contains(first), rows[first].indices.contains(second)
    else { return try self.whole(whole, at, around) }
    return try element(rows[first][second], [], around)
  }

  // MARK: Sums over letters

  private func big(
    _ op: BigOperator, _ indices: [Index], _ body: Expression, _ whole: Expression, _ at: [Coordinate],
    _ around: Meanings
  ) throws -> Calculation {
    let names = indices.map(\.name.text)
    var ranges: [Range<Int>] = []
    for index in indices {
      if let range = around.ranges[index.name.range.start] {
        ranges.append(range)
      } else {
        let found = try around.letterRanges(whole)
        guard let range = found.first(where: { $0.start == index.name.range.start })?.range else {
          return try self.whole(whole, at, around)
        }
        ranges.append(range)
      }
    }
    let inner = taking(names)
    func term(_ place: Int) throws -> Calculation {
      var letters: [String: Coordinate] = [:]
      var rest = place
      for (name, range) in zip(names, ranges).reversed() {
        letters[name] = Coordinate(range.lowerBound + rest % max(1, range.count))
        rest /= max(1, range.count)
      }
      return try inner.element(body, at, around.with(letters: letters))
    }
    let symbolic = try inner.element(
      body, at, around.with(letters: Dictionary(uniqueKeysWithValues: names.map { ($0, Coordinate(letter: $0)) })))
    let count = ranges.reduce(1) { $0 * $1.count }
    func terms() throws -> [Calculation] { try (0..<count).map(term) }
    switch op {
    case .sum, .mean:
      if count > 0 { _ = (try term(0), try term(count - 1)) }
      let sum = Calculation.series(
        .init(
          names.joined(separator: ","), count: count, body: symbolic,
          place: { place in
            var (texts, rest): ([String], Int) = ([], place)
            for range in ranges.reversed() {
              texts.append(String(range.lowerBound + rest % max(1, range.count)))
              rest /= max(1, range.count)
            }
            return texts.reversed().joined(separator: ",")
          }, term: { (try? term($0)) ?? .number(.nan) }))
      return op == .sum ? sum : sum / .number(Double(count))
    case .max, .min:
      return .named(
        "\(op.rawValue)[\(names.joined(separator: ","))] \(symbolic.text())",
        .call(op.rawValue, try terms(), elementaryFunction(op.rawValue)!))
    case .prod:
      return .named("∏[\(names.joined(separator: ","))] \(symbolic.text())", .product(try terms()))
    default: return try self.whole(whole, at, around)
    }
  }
}
