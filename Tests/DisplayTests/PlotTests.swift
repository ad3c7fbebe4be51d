import Testing

@testable import Display

@Suite("Plots")
struct PlotTests {
  @Test("One curve is drawn in dots, over round numbers")
  func curve() {
    let plot = Plot(.curves, [.init(y: (0...40).map { Double($0 * $0) })], title: "squares", xLabel: "n", rows: 6)
    expect(
      plot.document(Style(width: 48)),
      """
        squares
        2000 ┤
             │                                  ⢀⠤⠤⠒
             │                             ⢀⡠⠤⠔⠊⠁
        1000 ┤                        ⣀⣀⠤⠒⠊⠁
             │                ⢀⣀⡠⠤⠒⠒⠉⠉
           0 ┤⣀⣀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠒⠒⠊⠉⠉⠁
             └┬──────────────────┬─────────────────┬
              0                 20                40
                                n
      """, Style(width: 48))
  }

  @Test("Several curves have a mark each, which the last line explains")
  func curves() {
    let plot = Plot(
      .curves, [.init("up", y: [0, 1, 2, 3, 4]), .init("down", y: [4, 3, 2, 1, 0])], rows: 5)
    expect(
      plot.document(Style(width: 30, ascii: true)),
      """
        4 +xxx                 ***
          |   xxxxxx      *****
        2 +         xxxxx*
          |    *****     xxxxxx
        0 +****                xxx
          ++----------+----------+
           0          2          4
        * up  x down
      """, Style(width: 30))
  }

  @Test("Bars reach to both sides of zero")
  func bars() {
    let chart = BarChart(labels: ["W", "bias", "σ"], values: [1, -2, 0.5])
    expect(
      chart.document(Style(width: 40)),
      """
        W      1.0                   ████
        bias  -2.0           ████████
        σ      0.5                   ██
      """)
  }

  @Test("A histogram counts every number once")
  func histogram() {
    let chart = BarChart(histogramOf: [0, 0.1, 0.2, 0.9, 1, .nan], bins: 2)
    #expect(chart.values == [3, 2, 1])
    #expect(chart.labels == ["0.0 … 0.5", "0.5 … 1.0", "not finite"])
  }

  @Test("An image keeps its shape in shades")
  func image() {
    let image = ShadeMap(rows: 3, columns: 3, isImage: true, element: { $0 == $1 ? 1 : $0 < $1 ? 0.5 : 0 })
    expect(image.document(), "  ██▒▒▒▒\n    ██▒▒\n      ██\n  from 0 (blank) to 1 (full)   3 × 3")
    let map = ShadeMap(rows: 1, columns: 3, element: { [1, .nan, 1][$0 + $1] })
    expect(map.document(Style(ascii: true)), "  0 ++??++\n  all 1   1 x 3")
  }

  @Test("Any numbers are drawn within 20 rows and the width", arguments: 1...200)
  func anyNumbers(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    func numbers(_ count: Int) -> [Double] {
      (0..<count).map { _ in
        switch seed % 4 {
        case 0: Double(bitPattern: random.next())
        case 1:
          [3, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0, -0.0]
            .randomElement(using: &random)!
        default: Double.random(in: -1...1, using: &random)
        }
      }
    }
    let count = Int.random(in: 0...90, using: &random)
    let style = Style(width: Int.random(in: 44...130, using: &random), ascii: seed % 2 == 0)
    let (x, y) = (numbers(count), numbers(count))
    #expect(Sparkline.text(y, style).count == count)
    #expect(Sparkline.histogram(y, style).count <= 9)
    let documents = [
      Plot(.curves, [.init("loss\u{1B}", y: y)], title: "t", xLabel: "x", yLabel: "y").document(style),
      Plot(.points, [.init("a", x: x, y: y), .init("b", y: x)], xLabel: "x").document(style),
      BarChart(labels: ["日本", "σ"], values: y, title: "t").document(style),
      BarChart(histogramOf: y, title: "t").document(style),
      ShadeMap(rows: count, columns: 1 + count / 2, title: "t", element: { y[$0] + Double($1) }).document(style),
      ShadeMap(rows: 1 + count / 9, columns: count, isImage: true, element: { y[$1] + Double($0) }).document(style),
    ]
    for document in documents {
      #expect((1...20).contains(document.lines.count))
      #expect(document.width <= style.width)
      let text = PlainWriter(style).write(document)
      if style.ascii { #expect(text.utf8.allSatisfy { $0 < 0x80 }) }
    }
  }

  @Test(
    "Ticks are round numbers inside the range",
    arguments: [
      0...1, -3...17, 1e-9...2e-9, 1e20...3e20, -1e308...1e308, 0...Double.leastNonzeroMagnitude, 7...7, 0.1...0.3,
    ] as [ClosedRange<Double>])
  func ticks(range: ClosedRange<Double>) {
    let (low, high) = (range.lowerBound, range.upperBound)
    for widened in [false, true] {
      let axis = Axis([low, high], ticks: 4, widened: widened)
      #expect(axis.low <= low && axis.high >= high)
      #expect((1...9).contains(axis.ticks.count))
      #expect(axis.ticks == axis.ticks.sorted())
      let slack = 1e-9 * (axis.high / 2 - axis.low / 2)
      #expect(axis.ticks.allSatisfy { $0 >= axis.low - slack && $0 <= axis.high + slack })
    }
    #expect(Axis([0.1, 0.3], ticks: 2, widened: true).labels(.plain) == ["0.1", "0.2", "0.3"])
  }

  @Test("Heights go from the least to the greatest number, and a gap stays a gap")
  func sparklines() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([0, .nan, 7], Style(ascii: true)) == ". @")
    #expect(Sparkline.text([2, 2]) == "▁▁")
    #expect(Sparkline.curve((0..<100).map(Double.init)).count == 20)
    #expect(Sparkline.histogram([0, 0]) == "all zero")
    #expect(Sparkline.histogram([-1, 0, 0, 0, 0, 1]) == "▄   █   ▄")
  }
}
