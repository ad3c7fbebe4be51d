import Testing

@testable import Display

@Suite("Values made of parts")
struct ValueTextTests {
  static func number(_ number: Double) -> ValueText { .tensor(text(nil, [], [number])) }

  static func vector(_ numbers: [Double]) -> ValueText { .tensor(text(nil, [numbers.count], numbers)) }

  @Test("A string echoes as it is typed, its control characters escaped")
  func strings() {
    expect(ValueText.string("say \"hi\"\n\u{1B}[31m").document(name: "s"), #"s = "say \"hi\"\n\u{1b}[31m""#)
    let long = ValueText.string(String(repeating: "ab ", count: 1000)).document(name: "s")
    #expect(long.lines.count == 1 && long.width <= 80)
    #expect(long.lines[0].text.hasSuffix("…\"   3,000 characters"))
  }

  @Test("A list that fits echoes as it is typed, a longer one by its parts")
  func lists() {
    expect(
      ValueText.list([Self.number(1), Self.vector([2, 3]), .string("a")]).document(name: "xs"),
      #"xs : list = (1, [2, 3], "a")"#)
    expect(ValueText.list([Self.number(1)]).document(name: "xs"), "xs : list = (1,)")
    expect(ValueText.list([]).document(name: "xs"), "xs : list = ()")
    let long = ValueText.list((0..<40).map { Self.vector([Double($0), 1.0 / 3, 2.0 / 3]) }).document(name: "xs")
    #expect(long.lines.count == 13)
    #expect(long.lines[0].text == "xs : list of 40")
    #expect(long.lines[1].text == "  xs[0]  : [3] = [0.00000, 0.33333, 0.66667]")
    #expect(long.lines[12].text == "  … 29 more")
  }

  @Test("A record holds records and large tensors, each on one line")
  func nested() {
    let inner = RecordText(fields: [.init("a", Self.number(1)), .init("b", Self.vector([1, 2]))])
    let record = RecordText(
      name: "θ",
      fields: [
        .init("inner", .record(inner)),
        .init("W", .tensor(TensorText(name: nil, shape: [64, 10], element: { Double($0) }))),
        .init("act", .other(kind: "function", text: "relu")),
      ])
    expect(
      record.document(),
      """
      θ : record, 643 numbers
        inner : record = (a: 1, b: [1, 2])
        W     : [64, 10]   mean 319.5   std 184.75   min 0   max 639
        act   = relu
      """)
  }

  @Test("A function echoes as its definition, cut where it is long")
  func functions() {
    expect(ValueText.other(kind: "function", text: "x -> x^2").document(name: "f"), "f = x -> x^2")
    expect(
      ValueText.other(kind: "function", text: "x -> {\n  a = x\n  a * 2\n}").document(name: "f"), "f = x -> { …")
  }

  @Test("A loop echoes as the shapes of its sequences")
  func sequences() {
    let names = ["f", "i", "C̃", "C", "o", "h"]
    expect(
      SequenceText(names.map { ($0, [2, 2]) }, note: "t in 0..<2").document(),
      "f, i, C̃, C, o, h : [2, 2]   t in 0..<2")
    let many = SequenceText((0..<40).map { ("state\($0)", $0 < 39 ? [3] : nil) }, note: "t in 0..<2").document()
    #expect(many.width <= 80)
    #expect(many.lines.last?.text == "state39 : list, shapes differ   t in 0..<2")
  }

  @Test("A name with control characters does not reach the terminal")
  func names() {
    let echo = PlainWriter().write(ValueText.number(name: "a\u{1B}b"))
    #expect(echo == "a␛b = 1\n")
  }

  @Test("Any list or record fits the screen", arguments: 1...100)
  func anyValue(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let value = Self.random(depth: 3, &random)
    for width in [60, 80, 120] {
      let document = value.document(name: "x", Style(width: width))
      #expect(document.lines.count <= 24)
      #expect(document.width <= width)
    }
  }

  private static func random(depth: Int, _ random: inout SplitMix) -> ValueText {
    switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &random) {
    case 0: return number(Double.random(in: -9...9, using: &random))
    case 1: return vector((0..<Int.random(in: 0...30, using: &random)).map { Double($0) / 7 })
    case 2: return .string(String(repeating: "x\u{7}日", count: Int.random(in: 0...60, using: &random)))
    case 3:
      return .list((0..<Int.random(in: 0...20, using: &random)).map { _ in Self.random(depth: depth - 1, &random) })
    default:
      return .record(
        RecordText(
          fields: (0..<Int.random(in: 0...15, using: &random)).map {
            .init("f\($0)", Self.random(depth: depth - 1, &random))
          }))
    }
  }
}

extension ValueText {
  static func number(name: String) -> Document { ValueTextTests.number(1).document(name: name) }
}
