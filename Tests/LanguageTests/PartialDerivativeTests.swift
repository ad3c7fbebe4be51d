import Tensors
import Testing

@testable import Language

/// ∂y/∂x of random programs against central differences, and what is remembered for it.
@Suite("∂y/∂x of bound names")
struct PartialDerivativeTests {
  private func number(_ interpreter: Interpreter, _ name: String) throws -> Double {
    let value = try #require(interpreter.value(named: name)?.tensor(.float64))
    try #require(value.count == 1)
    return value[flat: 0]
  }

  /// A program of a few lines on the number `x` and the vector `v`, its last name, and the same with `x` moved.
  private func program(_ random: inout RandomGenerator) -> [String] {
    var lines = ["v = x * [1, -0.5, 0.25]"]
    var numbers = ["x", "0.7", "1.3"]
    var vectors = ["v"]
    func pick(_ names: [String]) -> String { names[Int(random.uniform(Double.self) * Double(names.count))] }
    for index in 0..<(3 + Int(random.uniform(Double.self) * 5)) {
      let (a, b, p, q) = (pick(numbers), pick(numbers), pick(vectors), pick(vectors))
      let (number, vector) = ("n\(index)", "w\(index)")
      switch Int(random.uniform(Double.self) * 12) {
      case 0: lines.append("\(number) = \(a) * \(b) + sin(\(a))")
      case 1: lines.append("\(number) = sum(\(p) * \(q)) / (1 + \(a)^2)")
      case 2: lines.append("\(number) = mean(tanh(\(p)))")
      case 3: lines.append("\(vector) = \(p) * \(a) - tanh(\(q))")
      case 4: lines.append("\(vector) = softmax(\(p)) + \(b)")
      case 5: lines.append("\(number) = 0.1; for i in 0..<3 { \(number) = sin(\(number) * \(a) + i) }")
      case 6: lines.append("if \(a) > 0 { \(number) = \(a)^2 } else { \(number) = 3 * \(a) * \(b) }")
      case 7: lines.append("f\(index)(t) = t * \(a) + sum(\(p)); \(number) = f\(index)(\(b))")
      case 8: lines.append("\(vector) = randn(3) * \(a) + \(p)")
      case 9: lines.append("r\(index) = (a: \(a), p: \(p)); \(number) = r\(index).a + sum(r\(index).p^2)")
      case 10: lines.append("\(vector)[i] = ∑[j] \(p)[i] * \(q)[j] * \(a)")
      default:
        lines.append(
          "s\(index)[0] = \(a); s\(index)[t+1] = sin(s\(index)[t]) * \(b) where t in 0..<4; \(number) = s\(index)[4]")
      }
      if lines[lines.count - 1].contains(number + " =") { numbers.append(number) } else { vectors.append(vector) }
    }
    return lines + [
      "y = " + numbers[3...].joined(separator: " + ") + (numbers.count > 3 ? " + " : "") + "sum(\(vectors.last!))"
    ]
  }

  @Test("agrees with central differences on random programs", arguments: 0..<60)
  func randomPrograms(seed: UInt64) throws {
    var random = RandomGenerator(seed: seed)
    let lines = program(&random)
    func run(_ x: Double, _ more: [String] = []) throws -> Interpreter {
      let interpreter = Interpreter(settings: Settings())
      for line in ["x = \(x)"] + lines + more {
        guard case .done = interpreter.evaluate(line) else {
          Issue.record("\(line) of \(lines)")
          return interpreter
        }
      }
      return interpreter
    }
    let h = 1e-5
    let difference = try (number(run(0.6 + h), "y") - number(run(0.6 - h), "y")) / (2 * h)
    // Names bound again afterwards change nothing, nor do draws in between.
    let both = try run(0.6, ["v = 0; randn(5);", "d = ∂y/∂x", "g = ∂y/∂x; dd = ∂g/∂x"])
    let exact = try number(both, "d")
    let second = try number(both, "dd")
    // Steep functions have differences that tell nothing.
    guard abs(second) < 1e4 else { return }
    #expect(abs(exact - difference) <= 1e-6 * max(1, abs(exact), abs(second)), "\(lines): \(exact) and \(difference)")
    let above = try number(run(0.6 + h, ["d = ∂y/∂x"]), "d")
    let below = try number(run(0.6 - h, ["d = ∂y/∂x"]), "d")
    #expect(
      abs(second - (above - below) / (2 * h)) <= 1e-5 * max(1, abs(second)), "\(lines): \(second)")
  }

  @Test("gives the same Jacobian by rows and by columns")
  func jacobians() throws {
    let interpreter = Interpreter(settings: Settings())
    _ = interpreter.evaluate(
      "W = randn(2, 3); x = randn(3); k = 0.3; z = tanh(W @ x * k) * (if x[0] > 0 then k else 2k)")
    _ = interpreter.evaluate("many = ∂z/∂x; one = ∂z/∂k; kk = [k, k]; y = tanh(z * kk); both = ∂y/∂kk; z2 = ∂z/∂W")
    _ = interpreter.evaluate(
      "same = jacobian(k -> tanh(W @ x * k[0]) * (if x[0] > 0 then k[0] else 2k[0]), [k, 0, 0])[:, 0]")
    let one = try #require(interpreter.value(named: "one")?.tensor(.float64)).elements
    let same = try #require(interpreter.value(named: "same")?.tensor(.float64)).elements
    #expect(one.count == 2)
    for (a, b) in zip(one, same) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("keeps memory flat in a loop with ∂, and bounds what is kept of names typed again")
  func flatMemory() throws {
    let interpreter = Interpreter(settings: Settings())
    _ = interpreter.evaluate("v = [5, 3]; for t in 0..<3000 { L = sum((v - 1)^2); v = v - 0.1 * ∂L/∂v }")
    #expect(interpreter.machine.remembered <= 2)
    #expect(interpreter.machine.retiredCount <= 2)
    #expect(interpreter.machine.recorders.isEmpty)
    for _ in 0..<12_000 { _ = interpreter.evaluate("v = v * 0.999;") }
    #expect(interpreter.machine.retiredCount <= RetiredVersions.countLimit)
    _ = interpreter.evaluate("y = sum(v); d = ∂y/∂v")
    #expect(interpreter.value(named: "d")?.tensor(.float64)?.elements == [1, 1])
  }

  @Test("says that what is too long ago is not remembered")
  func forgotten() throws {
    let interpreter = Interpreter(settings: Settings())
    _ = interpreter.evaluate("a = 1; w = a")
    for _ in 0..<12_000 { _ = interpreter.evaluate("w = w * 1;") }
    guard case .failed(let diagnostic, _) = interpreter.evaluate("∂w/∂a") else {
      Issue.record("a derivative through 12 000 lines")
      return
    }
    #expect(diagnostic.code == "E0707")
  }

  @Test("leaves nothing behind: names, random numbers and the last value are as before")
  func noEffect() throws {
    let interpreter = Interpreter(settings: Settings())
    let other = Interpreter(settings: Settings())
    for text in ["a = 2; y = sum(randn(3)) * a; for i in 0..<3 { y = y * rand(1)[0] }", "b = randn(2);"] {
      _ = interpreter.evaluate(text)
      _ = other.evaluate(text)
      _ = interpreter.evaluate("∂y/∂a;")
    }
    for name in ["y", "a", "b"] {
      #expect(
        interpreter.value(named: name)?.tensor(.float64)?.elements
          == other.value(named: name)?.tensor(.float64)?.elements)
    }
  }
}
