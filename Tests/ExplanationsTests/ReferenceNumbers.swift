import Foundation

/// One case of the reference numbers that PyTorch computed, shared with the tests of the networks.
struct ReferenceNumbers: Decodable {
  struct Numbers: Decodable {
    let shape: [Int]
    let data: [Double]

    /// As it is typed, every digit.
    var literal: String {
      if shape.isEmpty { return "\(data[0])" }
      return
        "reshape([\(data.map { "\($0)" }.joined(separator: ", "))], \(shape.map { "\($0)" }.joined(separator: ", ")))"
    }

    var rows: [[Double]] {
      let columns = shape.last ?? 1
      return stride(from: 0, to: data.count, by: max(1, columns)).map { Array(data[$0..<($0 + columns)]) }
    }

    /// The part with this first index.
    subscript(index: Int) -> Numbers {
      let rest = Array(shape.dropFirst())
      let count = rest.reduce(1, *)
      return Numbers(shape: rest, data: Array(data[(index * count)..<((index + 1) * count)]))
    }

    /// A matrix with rows for columns.
    var turned: Numbers {
      let (m, n) = (shape[0], shape[1])
      return Numbers(shape: [n, m], data: (0..<m * n).map { data[$0 % m * n + $0 / m] })
    }

    var norm: Double { data.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }

  let inputs, params, outputs, grads: [String: Numbers]

  init(_ name: String) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appendingPathComponent("NetworksTests/Golden/\(name).json")
    self = try JSONDecoder().decode(ReferenceNumbers.self, from: Data(contentsOf: file))
  }

  /// Lines that bind names to these numbers.
  func lines(_ names: [String]) -> String {
    names.map { name in "\(name) = \((inputs[name] ?? params[name])!.literal);" }.joined(separator: "\n")
  }
}

/// A number as a screen shows it: so many digits, and no more.
struct ShownNumber {
  let value: Double
  let tolerance: Double

  init?(_ text: some StringProtocol) {
    guard let value = Double(text) else { return nil }
    self.value = value
    let mantissa = text.split(separator: "e")
    let places = mantissa[0].split(separator: ".").dropFirst().first?.count ?? 0
    let unit = pow(10, Double(-places)) * (mantissa.count > 1 ? pow(10, Double(mantissa[1]) ?? 0) : 1)
    tolerance = 0.51 * unit + 1e-9 * value.magnitude
  }

  func isNear(_ number: Double) -> Bool { (value - number).magnitude <= tolerance }
}

/// The numbers of a screen: matrices by what they are called, rows of tables by their first word.
struct ShownNumbers {
  /// Nil stands for what was left out.
  private(set) var matrices: [(label: String, rows: [[ShownNumber?]])] = []
  private(set) var rows: [(name: String, numbers: [ShownNumber])] = []
  /// `name = number`
  private(set) var results: [(name: String, number: ShownNumber)] = []

  init(_ screen: String) {
    var open: (label: String, rows: [[ShownNumber?]])?
    for line in screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if let start = line.indices.last(where: { "⎡⎢⎣[".contains(line[$0]) && line[$0...].dropFirst().first == " " }),
        let close = line[start...].firstIndex(where: { "⎤⎥⎦]".contains($0) }),
        case let numbers = Self.numbers(in: line[line.index(after: start)..<close]), !numbers.isEmpty
      {
        let label = line[line.index(after: close)...].trimmingCharacters(in: .whitespaces)
        let bracket = line[start]
        if bracket == "⎡" || bracket == "[" { open = ("", []) }
        open?.rows.append(numbers)
        if !label.isEmpty { open?.label = label }
        if bracket == "⎣" || bracket == "[", let whole = open { matrices.append(whole) }
      }
      let words = line.split(separator: " ").map(String.init)
      let behind = words.reversed().prefix { Double($0) != nil }.compactMap { ShownNumber($0) }.reversed()
      if let name = words.first, behind.count < words.count, !behind.isEmpty { rows.append((name, Array(behind))) }
      if let equals = line.range(of: " = ", options: .backwards),
        let number = ShownNumber(line[equals.upperBound...].split(separator: " ").first ?? "")
      {
        results.append((line[..<equals.lowerBound].trimmingCharacters(in: .whitespaces), number))
      }
    }
  }

  private static func numbers(in text: Substring) -> [ShownNumber?] {
    let words = text.split { $0 == " " || $0 == "," }
    let numbers = words.map { ShownNumber($0) }
    return zip(words, numbers).allSatisfy { $0 == "…" || $1 != nil } ? numbers : []
  }

  /// Whether a matrix under this label holds these numbers, as far as it shows digits.
  func shows(_ label: String, _ numbers: ReferenceNumbers.Numbers) -> Bool {
    let wanted = numbers.rows
    return matrices.contains { shown in
      guard shown.label == label || shown.label.hasPrefix(label + " ") || shown.label.hasPrefix(label + ",") else {
        return false
      }
      // A vector may stand as a column.
      let isTurned = wanted.count == 1 && shown.rows.count > 1
      return Self.matches(shown.rows, isTurned ? wanted[0].map { [$0] } : wanted, { $0.allSatisfy { $0 == nil } }) {
        Self.matches($0, $1, { $0 == nil }) { $0?.isNear($1) ?? false }
      }
    }
  }

  /// Whether a list that may have a gap has the same at both ends as a whole one.
  private static func matches<Shown, Wanted>(
    _ shown: [Shown], _ wanted: [Wanted], _ isGap: (Shown) -> Bool, _ isSame: (Shown, Wanted) -> Bool
  ) -> Bool {
    guard let gap = shown.firstIndex(where: isGap) else {
      return shown.count == wanted.count && zip(shown, wanted).allSatisfy { isSame($0, $1) }
    }
    let (head, tail) = (shown[..<gap], shown[(gap + 1)...])
    return head.count + tail.count < wanted.count && zip(head, wanted).allSatisfy { isSame($0, $1) }
      && zip(tail.reversed(), wanted.reversed()).allSatisfy { isSame($0, $1) }
  }

  /// Whether a row of a table begins so and holds the first of these numbers, as many as there is room for.
  func tells(_ name: String, _ numbers: [Double]) -> Bool {
    rows.contains { row in
      row.name == name && row.numbers.count > 1 && row.numbers.count <= numbers.count
        && zip(row.numbers, numbers).allSatisfy { $0.isNear($1) }
    }
  }

  /// Whether a number stands anywhere in a text.
  static func contains(_ number: Double, in text: String) -> Bool {
    text.split { " \n,;".contains($0) }.contains { word in
      ShownNumber(word).map { $0.isNear(number) && $0.tolerance < 0.01 * number.magnitude + 1e-6 } ?? false
    }
  }
}
