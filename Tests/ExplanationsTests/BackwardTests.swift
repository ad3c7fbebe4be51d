import Display
import Explanations
import Testing

@testable import Shell

/// Every system walked back to its inputs, and into everything that has an inside.
@Suite(":backward and :step through every system")
struct BackwardTests {
  static let systems: [(lines: String, loss: String)] = [
    ("demo(\"linear\")", "L"), ("demo(\"logistic\")", "L"), ("demo(\"softmax\")", "E"), ("demo(\"mlp\")", "L"),
    ("demo(\"cnn\")", "L"), ("demo(\"rnn\")", "L"), ("demo(\"lstm\")", "L"), ("demo(\"gru\")", "L"),
    ("demo(\"attention\")", "L"), ("demo(\"transformer\")", "L"), ("demo(\"batchnorm\")", "L"),
    ("demo(\"autoencoder\")", "L"), ("demo(\"vae\")", "L"), ("demo(\"gan\")", "J"),
    ("X = [1, 2; 3, 4];  W = [1, 2; 3, -4];  b = 0.1;  L = mean(relu(X @ W + b) * 2);", "L"),
    (
      "f(X, w) = { z = X @ w; p = σ(z); mean((p - [1, 0])^2) }\nX = [1, 2; 3, 4];  w = [0.5, -0.5];\nR = f(X, w) + 0.1 * sum(w^2);",
      "R"
    ),
    ("X = [1, 2; 3, 4];  W = [1, 2; 3, -4];  y[n,j] = ∑[k] X[n,k] * W[k,j];  L = sum(y^2) - y[0,1];", "L"),
    ("W = [1, 2; 3, 4];  v = [1, -1];  L = sum(W[0, :] * v) + sum((W.T @ v)^2) / 2 + v · (W @ v);", "L"),
    ("g(x) = if x > 0 then x^2 else -x\na = 2;  L = g(a) * g(-a);", "L"),
    network("Dense(4, 3) >> relu >> Dense(3, 2)", "randn(3, 4)"),
    network("Conv2d(1, 2, 3) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(8, 3)", "randn(2, 1, 6, 6)"),
    network("Conv2d(2, 2, 3, padding: 1, stride: 2) >> AvgPool2d(2)", "randn(1, 2, 6, 6)"),
    network("RNN(2, 3)", "randn(2, 4, 2)"), network("LSTM(2, 3) >> Dense(3, 1)", "randn(1, 4, 2)"),
    network("GRU(2, 2)", "randn(1, 3, 2)"), network("TransformerBlock(4, 2)", "randn(1, 3, 4)"),
    network("MultiHeadAttention(4, 2)", "randn(1, 3, 4)"), network("LayerNorm(4) >> Dense(4, 2)", "randn(3, 4)"),
    network("BatchNorm(4) >> tanh", "randn(3, 4)"), network("Embedding(5, 3) >> Dense(3, 2)", "[1, 2, 0]"),
    network("Residual(Dense(3, 3) >> tanh) >> Dense(3, 1)", "randn(2, 3)"),
    network("LSTM(2, 2, bidirectional: 1)", "randn(1, 3, 2)"),
    network("Input(4) >> Dense(4, 2)", "randn(2, 4)"),
    network("Embedding(5, 4) >> TransformerBlock(4, 2)", "[1, 2, 0; 3, 4, 4]"),
  ]

  private static func network(_ layers: String, _ input: String) -> (lines: String, loss: String) {
    ("net = \(layers);  x = \(input);  L = mean(net(x)^2);", "L")
  }

  /// The frame with its lines checked against the screen, and what its footer offers.
  private func frame(_ session: Session, _ line: String, _ system: String) -> (text: String, offers: [String])? {
    let text = session.answer(line)
    guard session.console.mode != nil else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.count <= 24, "\(system)\n\(text)")
    for line in lines { #expect(line.displayWidth <= 80, "\(system)\n\(line)") }
    return (text, (lines.last ?? "").components(separatedBy: session.console.style.separator))
  }

  @Test(
    "Every frame fits the screen, what its footer offers works, and every number is one", arguments: systems.indices)
  func frames(_ index: Int) {
    let (lines, loss) = Self.systems[index]
    for (ascii, command) in [(false, ":backward"), (true, ":backward"), (false, ":step"), (true, ":step")] {
      let session = Session(lines, ascii: ascii)
      let isNetwork = command == ":step" && lines.hasPrefix("net")
      var line = "\(command) \(isNetwork ? "net(x)" : loss)"
      var count = 0
      while let frame = frame(session, line, lines), count < 60 {
        count += 1
        line = "next"
        #expect(!frame.text.contains("nan") && !frame.text.contains("e-17"), "\(frame.text)")
        if let why = frame.offers.first(where: { $0.hasPrefix("why ") }), !ascii {
          // Of a few built-ins no law is known, which :why says.
          let error = session.error(why)
          #expect(error == nil || error == "E0814", "\(lines): \(why)")
        }
        guard frame.offers.contains(where: { $0.hasPrefix("into") }) else { continue }
        // In, along what is inside, and out again.
        var inner = "into"
        for _ in 0..<4 {
          guard let inside = self.frame(session, inner, lines) else { break }
          inner = inside.offers.contains { $0.hasPrefix("Enter next") } ? "next" : "into"
        }
        while session.console.prompt.contains(",") { _ = session.answer("out") }
      }
      #expect(count > 1 || command == ":step", "\(lines)")
    }
  }
}

extension BackwardTests {
  @Test("What goes back along all ways to a name adds up to its derivative")
  func allWays() {
    let session = Session("W = [1, 2; 3, 4];  v = [1, -1];  L = sum(W[0, :] * v) + sum((W.T @ v)^2) / 2;")
    var screens = [session.answer(":backward L")]
    while true {
      let next = session.answer("next")
      if session.console.mode == nil { break }
      screens.append(next)
    }
    let all = screens.joined(separator: "\n")
    // Through the row that was read, and through the product: [1, -1; 0, 0] and v (Wᵀv)ᵀ = [-2, -2; 2, 2].
    #expect(all.contains("what was not read gets 0"), "\(all)")
    #expect(all.contains("ᵀ only moves numbers"), "\(all)")
    #expect(session.answer("∂L/∂W").contains("[-1, -3;") && session.answer("∂L/∂W").contains("2,  2]"))
    let numbers = ShownNumbers(all)
    #expect(numbers.matrices.contains { $0.label.hasPrefix("∂L/∂W, this way") && $0.rows.count == 2 }, "\(all)")
  }

  @Test("Of a choice the way back is that of the branch that was taken")
  func choices() {
    let session = Session("g(x) = if x > 0 then x^2 else -x\na = 2;  L = g(a);  M = g(-a);")
    #expect(session.answer(":backward L").contains("∂L/∂x = 2·x = 4"))
    _ = session.answer("quit")
    #expect(session.answer(":backward M").contains("∂M/∂x = -1"))
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [String] {
    var (parts, rest) = ([String](), Substring(self))
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return (parts + [String(rest)]).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
