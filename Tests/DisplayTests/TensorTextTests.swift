import Testing

@testable import Display

@Suite("Tensors")
struct TensorTextTests {
  @Test("A tensor of any rank that is not folded reads back as it was", arguments: 1...300)
  func readsBack(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    let rank = Int.random(in: 1...5, using: &random)
    let shape = (0..<rank).map { _ in Int.random(in: 1...(rank > 3 ? 2 : 4), using: &random) }
    let count = shape.reduce(1, *)
    let scale = [1, 1e-3, 1e5, 1e-9, 1e12][seed % 5]
    let numbers = (0..<count).map { _ -> Double in
      let number = Double.random(in: -1...1, using: &random) * scale
      return seed % 3 == 0 ? (number * 10).rounded() : number
    }
    let echo = text("x", shape, numbers)
    let layout = TensorLayout(echo, Style(width: 200, digits: 17))
    guard !layout.isFolded else { return }
    for source in [layout.lines.map(\.text).joined(separator: "\n"), layout.typed] {
      var reader = TensorReader(source)
      let (readShape, readNumbers) = try reader.tensor()
      #expect(readShape == shape, "\(source)")
      let largest = numbers.map(\.magnitude).max()!
      #expect(zip(readNumbers, numbers).allSatisfy { ($0 - $1).magnitude <= 1e-12 * largest }, "\(source)")
    }
  }

  @Test("No echo is wider than the screen or longer than it says", arguments: 1...300)
  func fits(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let rank = Int.random(in: 1...5, using: &random)
    let shape = (0..<rank).map { _ in Int.random(in: 0...(rank > 2 ? 14 : 200), using: &random) }
    let width = Int.random(in: 72...120, using: &random)
    let scale = [1, 1e-3, 1e5, 1e-9, 1e12][seed % 5]
    for ascii in [false, true] {
      let echo = TensorText(
        name: "x", shape: shape, element: { Double(($0 * 7919) % 1000 - 500) * scale / 3 })
      let document = echo.document(Style(width: width, ascii: ascii))
      #expect(document.width <= width)
      #expect(document.lines.count <= 15)
      if ascii { #expect(document.lines.allSatisfy { $0.text.utf8.allSatisfy { $0 < 0x80 } }) }
    }
  }

  @Test("Small shapes have forms of their own")
  func forms() {
    expect(tensor("x", [1], [5]), "x : [1] = [5]")
    expect(tensor("x", [1, 1], [5]), "x : [1, 1]\n [[5]]")
    expect(tensor("x", [1, 3], [1, 2, 3]), "x : [1, 3]\n [[1, 2, 3]]")
    expect(tensor("x", [3, 1], [1, 2, 3]), "x : [3, 1]\n [1;\n  2;\n  3]")
    expect(tensor("x", [0], []), "x : [0] = []")
    expect(tensor("x", [0, 3], []), "x : [0, 3] = zeros(0, 3)")
    expect(tensor("x", [], [2.5], Style(precision: .f32)), "x : f64 = 2.5")
    expect(tensor("x", [2], [-0.0, .infinity]), "x : [2] = [0, inf]")
    expect(tensor(nil, [2, 2], [1, 2, 3, 4]), " [1, 2;\n  3, 4]")
    expect(
      TensorText(name: "x", shape: [2], precision: .f32, element: { Double(Float(0.1) * Float($0)) }).document(),
      "x : [2] f32 = [0.0, 0.1]")
  }

  @Test("Blocks of a tensor of rank three and four are stacked in brackets")
  func blocks() {
    expect(
      tensor("x", [2, 2, 3], (1...12).map(Double.init)),
      """
      x : [2, 2, 3]
       [[ 1,  2,  3;
          4,  5,  6],
        [ 7,  8,  9;
         10, 11, 12]]
      """)
    expect(
      tensor("x", [2, 2, 1, 2], (1...8).map(Double.init)),
      """
      x : [2, 2, 1, 2]
       [[[[1, 2]],
         [[3, 4]]],
        [[[5, 6]],
         [[7, 8]]]]
      """)
  }

  @Test("A tensor of images shows the corners of the first and the last")
  func images() {
    let images = TensorText(name: "x", shape: [64, 1, 28, 28], element: { Double($0 % 255) / 255 })
    expect(
      images.document(),
      """
      x : [64, 1, 28, 28]
       [[[0.0000, 0.0039, 0.0078, …, 0.1059;
          0.1098, 0.1137, 0.1176, …, 0.2157;
          0.2196, 0.2235, 0.2275, …, 0.3255;
          …
          0.9647, 0.9686, 0.9725, …, 0.0706]],
        …
        [[0.6941, 0.6980, 0.7020, …, 0.8000;
          0.8039, 0.8078, 0.8118, …, 0.9098;
          0.9137, 0.9176, 0.9216, …, 0.0196;
          …
          0.6588, 0.6627, 0.6667, …, 0.7647]]]
        mean 0.49759   std 0.28853   min 0   max 0.99608
      """)
  }

  @Test("A long vector keeps its shape, its ends and its statistics on two lines, nan and inf counted")
  func longVector() {
    var numbers = (0..<100).map { Double($0) / 8 }
    numbers[50] = .nan
    numbers[51] = .infinity
    numbers[52] = -.infinity
    expect(
      tensor("v", [100], numbers),
      """
      v : [100] = [0.00, 0.12, 0.25, …, 12.38]
        mean 6.1817   std 3.6634   min 0   max 12.375   nan 1   inf 2
      """)
  }

  @Test("A mean that is only rounding noise prints as 0")
  func noise() {
    let statistics = TensorStatistics(mean: 1e-18, deviation: 1, least: -2, greatest: 2)
    #expect(statistics.line(NumberFormat()).text == "mean 0   std 1   min -2   max 2")
  }
}

/// Reads `[1, 2; 3, 4]` and nested brackets as the language does: commas stack, semicolons divide rows of numbers.
struct TensorReader {
  private var rest: [Character]

  init(_ text: String) { rest = text.filter { $0 != " " && $0 != "\n" }.reversed() }

  enum Trouble: Error { case unexpected(Character?) }

  mutating func tensor() throws -> (shape: [Int], numbers: [Double]) {
    guard rest.last == "[" else { return ([], [try number()]) }
    rest.removeLast()
    var rows: [[(shape: [Int], numbers: [Double])]] = [[]]
    while true {
      rows[rows.count - 1].append(try tensor())
      switch rest.popLast() {
      case ",": continue
      case ";": rows.append([])
      case "]":
        let parts = rows.flatMap { $0 }
        let numbers = parts.flatMap(\.numbers)
        guard parts.allSatisfy({ $0.shape == parts[0].shape }), rows.allSatisfy({ $0.count == rows[0].count }) else {
          throw Trouble.unexpected(";")
        }
        if rows.count == 1 { return ([parts.count] + parts[0].shape, numbers) }
        guard parts[0].shape.isEmpty else { throw Trouble.unexpected(";") }
        return ([rows.count, rows[0].count], numbers)
      case let other: throw Trouble.unexpected(other)
      }
    }
  }

  private mutating func number() throws -> Double {
    var text = ""
    while let next = rest.last, !",;]".contains(next) { text.append(rest.removeLast()) }
    guard let number = Double(text) else { throw Trouble.unexpected(text.first) }
    return number
  }
}
