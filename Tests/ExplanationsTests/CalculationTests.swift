import Display
import Testing

@testable import Explanations

@Suite("Calculations are true as printed")
struct CalculationTests {
  private func read(_ name: String, _ value: Double) -> Calculation { .read(name, value) }

  @Test("a dense element is shown by factors, terms, inner result and result")
  func denseElement() {
    let x = [5.1, 3.5, 1.4, 0.2]
    let w = [0.31, -0.12, 0.77, 0.05]
    let sum = Calculation.series(
      .init("k", count: 4, body: read("X[0,k]", .nan) * read("W[k,2]", .nan)) {
        self.read("X[0,\($0)]", x[$0]) * self.read("W[\($0),2]", w[$0])
      })
    let h = Calculation.call("relu", [sum + read("b[2]", 0.1)]) { max(0, $0[0]) }
    let lines = PlainWriter(.plain).write(h.ladder("h[0,2]", .plain).document())
    #expect(
      lines == """
          h[0,2] = relu(∑[k] X[0,k]·W[k,2] + b[2])
                 = relu(5.1·0.31 + 3.5·(-0.12) + 1.4·0.77 + 0.2·0.05 + 0.1)
                 = relu(1.581 - 0.42 + 1.078 + 0.01 + 0.1)
                 = relu(2.349)
                 = 2.349

        """)
  }

  @Test("one line gets the digits that make it true")
  func moreDigits() {
    let a = [0.4555272, 0.2246064, 0.3198664]
    let sum = Calculation.sum(zip(a, [0.0, 1, 2]).map { .product([.number($0), .number($1)]) })
    let rungs = sum.rungs(.plain).map(\.value.text)
    #expect(rungs == ["0.455527·0 + 0.224606·1 + 0.319866·2", "0 + 0.22461 + 0.63973", "0.86434"])
  }

  @Test("an equation of a rule is one line")
  func equation() {
    let m = 0.9 * read("m[t-1]", -7.0 / 3) + 0.1 * read("g", -23.24)
    #expect(m.text(.plain) == "0.9·m[t-1] + 0.1·g")
    #expect(m.equation(.plain).text == "0.9·(-2.3333) + 0.1·(-23.24) = -4.424")
    let step = 0.01 * read("m̂", -23.284210526) / (.root(read("v̂", 542.2701)) + 1e-8)
    #expect(step.equation(.plain).left == "0.01·(-23.2842) / (√542.270 + 1e-8)")
  }

  @Test("a difference that cancels is said to be approximate")
  func cancellation() {
    let sum = read("a", 1.00000000012345) * read("b", 1.00000000023456) - read("c", 1)
    let rungs = sum.rungs(.plain)
    #expect(rungs.contains { $0.isApproximate })
    #expect(rungs.last?.remark == "9 digits cancel")
  }
}
