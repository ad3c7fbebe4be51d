import Display
import Testing

@testable import Shell

/// `:why ∂L/∂h[t,i]` of sequences: what the loss sends back at once, and what the next step sends back.
@Suite(":why of derivatives by the values of a sequence")
struct SequenceWhyTests {
  static let network = """
    T = 4;  W = [0.5, -0.3; 0.2, 0.4];  U = [0.1, 0.6; -0.7, 0.3];  b = [0.1, -0.1];  V = [1, -2; 0.5, 0.3];
    x = [1, 2; 0.5, -1; 0.3, 0.8; -0.6, 0.9];  y = [0.2, 0.4; 0.1, -0.3; 0.5, 0.5; 0.1, 0.3];
    h[-1] = [0.2, -0.1];
    """
  static let losses = [
    "L = mse(h, y);", "L = sum((h[3] - y[3])^2);", "L = sum(h[end]^2);", "o = h @ V;  L = mse(o, y);",
    "o = h @ V;  L = mse(o, y) + 0.1 * sum(h^2);", "L = cross_entropy(h[3] @ V, 1);",
    "p[t,k] = ∑[i] h[t,i] * V[i,k];  L = mse(p, y);", "L = h[1, 0] * h[3, 1];",
    "f(a) = { m = a @ V; mean(m^2) }\nL = f(h);",
  ]
  static let loops = [
    "for t in 0..<T { h[t] = tanh(W @ x[t] + U @ h[t-1] + b) }",
    "h[t] = tanh(W @ x[t] + U @ h[t-1] + b) where t in 0..<T",
    "h[t,i] = tanh(∑[j] W[i,j] * x[t,j] + ∑[j] U[i,j] * h[t-1,j] + b[i]) where t in 0..<T",
    "for t in 0..<T { h[t,i] = tanh(∑[j] W[i,j] * x[t,j] + ∑[j] U[i,j] * h[t-1,j] + b[i]) }",
    "step(s, v) = tanh(W @ v + U @ s + b)\nfor t in 0..<T { h[t] = step(h[t-1], x[t]) }",
    "for t in 0..<T { a[t] = W @ x[t] + U @ h[t-1] + b\nh[t] = if t > 1 then tanh(a[t]) else a[t] * 0.5 }",
  ]

  /// The screen of a derivative has a formula, is true as printed, and agrees with its central difference.
  private func check(_ session: Session, _ question: String, _ name: String) -> String {
    let text = session.answer(":why \(question)")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(text.contains("✓") && !text.contains("✗"), "\(name)\n\(text)")
    #expect(lines.count <= 24 && lines.allSatisfy { $0.displayWidth <= 80 }, "\(name)\n\(text)")
    #expect(PocketCalculator.check(lines, "\(name) \(question)") > 0 || text.contains("= 0 "), "\(name)\n\(text)")
    return text
  }

  @Test("A step's derivative is what the loss sends and what the next step sends", arguments: loops.indices)
  func everyStep(_ index: Int) {
    for loss in Self.losses {
      let session = Session(Self.network + "\n" + Self.loops[index] + "\n" + loss)
      let name = Self.loops[index] + "\n" + loss
      for t in 0..<4 {
        let text = check(session, "∂L/∂h[\(t),0]", name)
        #expect(text.contains("∂L/∂h[t,i] = "), "\(name)\n\(text)")
        // One walks along time to the end.
        if t < 3, text.contains("∂L/∂h[\(t + 1),") {
          #expect(text.contains(":why ∂L/∂h[\(t + 1),") || text.contains(":why ∂L/∂a"), "\(name)\n\(text)")
        }
      }
    }
  }

  @Test("The formula of a recurrent step is that of backpropagation through time")
  func formula() {
    let session = Session(Self.network + "\n" + Self.loops[0] + "\nL = mse(h, y);")
    let text = session.answer(":why ∂L/∂h[1,0]")
    #expect(text.contains("∂L/∂h[t,i] = (2 / 8)·(h[t,i] - y[t,i])\n"), "\(text)")
    #expect(text.contains(" + ∑[k] U[k,i]·tanh'(z[t+1, k])·∂L/∂h[t+1, k]\n"), "\(text)")
    #expect(text.contains("where z[t] = W @ x[t] + U @ h[t-1] + b"), "\(text)")
    #expect(text.contains("next  :why ∂L/∂h[2,0]"), "\(text)")
    #expect(session.error(":why ∂L/∂h[-1,0]") == nil)
    #expect(session.answer(":why ∂L/∂h[-1,0]").contains("✓"))
  }

  @Test("A step is asked for whole: its shape and one element of it")
  func wholeSteps() {
    let session = Session(Self.network + "\n" + Self.loops[0] + "\nL = mse(h, y);")
    for (question, element) in [
      ("∂L/∂h[1]", "∂L/∂h[1,0]"), ("∂L/∂h", "∂L/∂h[0,0]"), ("h[2]", "h[2,0]"), ("∂L/∂U[1]", "∂L/∂U[1,0]"),
    ] {
      let text = session.answer(":why \(question)")
      #expect(text.contains("one element of it") && text.contains("  \(element) = "), "\(text)")
    }
  }

  @Test("Every sequence of every recurrent preset has a law at every step", arguments: ["rnn", "lstm", "gru"])
  func presets(_ name: String) {
    let names = ["rnn": ["h"], "lstm": ["h", "C", "f", "i", "C̃", "o"], "gru": ["h", "z", "r", "n"]][name] ?? []
    let session = Session("demo(\"\(name)\")")
    for sequence in names {
      for t in 0..<2 {
        for unit in 0..<2 {
          let text = check(session, "∂L/∂\(sequence)[\(t),\(unit)]", name)
          #expect(text.contains("∂L/∂\(sequence)[t,i] = "), "\(text)")
        }
      }
    }
  }
}
