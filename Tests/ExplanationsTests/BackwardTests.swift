import Display
import Language
import Tensors
import Testing

@testable import Explanations
@testable import Shell

/// Every system walked back to its inputs, and into everything that has an inside.
@Suite(":backward and :step through every system")
struct BackwardTests {
  static let systems: [(lines: String, loss: String)] =
    [
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
      network("LSTM(2, 2, layers: 2, bidirectional: 1, last: 1) >> Dense(4, 1)", "randn(2, 3, 2)"),
    ] + programs.map { ("W = [0.5, -1; 2, 0.25];  b = [0.1, -0.2];  x = [1, 2];\n" + $0, "L") }

  /// Programs with loops, choices, functions in functions, records and lists, by `W`, `b` and `x`.
  static let programs = [
    "f(v) = { s = v; for k in 0..<3 { s = tanh(W @ s + b) }; sum(s^2) }\nL = f(x);",
    "s = x; for k in 0..<3 { s = tanh(W @ s); if k > 1 { s = 2s + b } }\nL = sum(s^2);",
    "w(v) = { r = v; while sum(r) < 20 { r = W @ r + 2r }; if r[0] > 3 { r = r * r } else { r = -r }; sum(r) }\nL = w(x);",
    "g(v) = (W @ v, sin(v))\np, q = g(x);  L = sum(p * q) + p · q;",
    "cell(v, h, c) = { c = c + tanh(W @ (h + v)); (tanh(c), c) }\nX = [1, 2; 3, 4; 5, 6];  h[-1] = b;  c[-1] = x;\n"
      + "for t in 0..<3 { h[t], c[t] = cell(X[t], h[t-1], c[t-1]) }\nL = sum(h[2]^2 + c[1]);",
    "p = (W: W, b: b);  J(p) = sum((x @ p.W + p.b)^2)\nL = J(p);",
    "L = sum((x @ W + b)^2);  p = (W: W, b: b);  L = L + sum(p.W * 2) + p.b[0];",
    "f(v) = { z[-1] = v; for t in 0..<3 { z[t] = tanh(W @ z[t-1]) }; sum(z[end]) + sum(z) }\nL = f(x);",
    "inner(u) = u^2 + b\nouter(u, k: 2) = { a = inner(u) * k; inner(a) }\nL = sum(outer(x) + outer(b, k: 3));",
    "f(v) = { a, c = (W @ v, v); a, c = (c, a); sum(a * c^2) }\nL = f(x);",
    "f(u) = { r = (sum: u + b, dif: u - b); r }\nr = f(x);  L = sum(r.sum * r.dif);",
    "n = 0; s = 0; repeat 3 { n = n + 1; s = s + sum(W[n - 1 - n + 1] * b) * n }\nL = s;",
    "L = 0; for k in 0..<2 { L = L + (W[k] · x)^2 + b[k] }\nL = L * 2;",
    "z[i] = tanh(∑[j] W[i,j] * x[j] + b[i])\nh(q) = { y[i] = q[i]^2; ∑[i] y[i] }\nL = h(z);",
    "y = randn(2) * x + (W @ randn(2)) * b;  L = sum(y^2);",
    "f(u) = { a = u * randn(2); a + b * randn(2) }\ny = f(x) * randn(2);  L = sum(y^2);",
    "L = sum((if x > 1 then x^2 else -x) * b) + sum(W);", "f = v -> sum(v^2);  L = f(W @ x) + f(b);",
    "net = Dense(2, 2, W: W, b: b) >> tanh;  loss(m, v) = mean(m(m(v))^2)\nL = loss(net, x[new, :]);",
  ]

  @Test("What goes back to a name along all ways adds up to its gradient", arguments: programs.indices)
  func sums(_ index: Int) throws {
    let session = Session("W = [0.5, -1; 2, 0.25];  b = [0.1, -0.2];  x = [1, 2];\n" + Self.programs[index])
    let interpreter = session.console.interpreter
    let ancestry = try #require(interpreter.ancestry(of: "L"))
    let back = BackwardWalk(WalkMaker(interpreter), ancestry)
    let walk = try back.walk()
    // Each is a way of its own, not the whole line in one step.
    #expect(walk.count > 2, "\(Self.programs[index])")
    var checked = 0
    for leaf in ancestry.leaves where ["W", "b", "x"].contains(leaf.name) {
      // What goes back inside the time steps of a loop is gathered by them.
      guard let exact = back.gradients[leaf], !(leaf.name == "W" && Self.programs[index].contains("h[t]")) else {
        continue
      }
      let flows = back.route.returned.filter { $0.name == leaf.name }.compactMap(\.flow.value)
      let sum = flows.reduce(Tensor.zeros(exact.shape, .float64)) { $0 + $1 }
      #expect(sum.isNear(exact), "\(Self.programs[index]): \(leaf.name) \(sum.elements) \(exact.elements)")
      checked += 1
    }
    #expect(checked > 0)
  }

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
          if let why = inside.offers.first(where: { $0.hasPrefix("why ") }), !ascii {
            let error = session.error(why)
            #expect(error == nil || error == "E0814", "\(lines): \(why)\n\(inside.text)")
          }
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

extension BackwardTests {
  @Test("Two vectors' product is drawn: each gets the other, times what comes in")
  func dot() {
    let session = Session("w = [1, -2, 3];  x = [0.5, 1, 2];  b = 0.1;  z = w · x + b;  L = z^2;")
    _ = session.answer(":backward L")
    #expect(
      session.answer("").contains(
        """
          incoming       [  9.2 ]   ∂L/∂z, from step 1
          ⊙ local        [  0.5   1.0   2.0 ]   ∂z/∂w: x
        """))
  }

  @Test("Each direction and layer of a recurrent layer has its step, and what they send back adds up")
  func directions() throws {
    let session = Session("x = randn(1, 3, 2);  m = GRU(2, 2, bidirectional: true);  M = sum(m(x)^2);")
    _ = session.answer(":backward M")
    _ = session.answer("goto 3")
    let first = session.answer("into")
    let second = session.answer("next")
    #expect(first.contains("[reverse]") && second.contains("[forward]"), "\(first)\n\(second)")
    func outgoing(_ frame: String) throws -> [[Double]] {
      let matrix = try #require(ShownNumbers(frame).matrices.first { $0.label.hasPrefix("∂M/∂x") })
      return matrix.rows.map { $0.compactMap { $0?.value } }
    }
    let (reverse, forward) = (try outgoing(first), try outgoing(second))
    let value = try session.console.interpreter.value(of: "∂M/∂x")
    guard case .tensor(let exact) = value else {
      Issue.record("no tensor")
      return
    }
    // The second direction's rows are in the order in which it reads.
    for t in 0..<3 {
      for column in 0..<2 {
        let sum = forward[t][column] + reverse[2 - t][column]
        #expect((sum - exact[flat: t * 2 + column]).magnitude < 2e-4)
      }
    }
    #expect(session.answer("into").contains("back through t = 2"))
  }
}

extension BackwardTests {
  @Test("A network that is used twice has one derivative by each weight: the sum of both ways")
  func twice() throws {
    let session = Session(
      """
      D = Dense(1, 1, W: [[2]], b: [0.5]);
      L = sum(D([1; 2])^2) + sum(D([3; -1]));
      """)
    var frame = session.answer(":backward L")
    while session.console.mode != nil, !frame.contains("all that came back") { frame = session.answer("next") }
    // 2·(2.5·1 + 4.5·2) + 2 and 2·(2.5 + 4.5) + 2.
    #expect(
      frame.contains("∂L/∂D[0].W  [1, 1]  ‖∇‖ = 25") && frame.contains("∂L/∂D[0].b  [1]     ‖∇‖ = 16"), "\(frame)")
    #expect(frame.split(separator: "\n").count { $0.contains("D[0].W  [") } == 1, "\(frame)")
  }

  @Test("Networks and functions inside an expression can be gone into, in the order in which they are computed")
  func nested() {
    let session = Session(
      "G = Dense(1, 2) >> tanh;  D = Dense(2, 1);  z = [1; 2];  f(v) = v^2 + 1;  L = mean(f(D(G(z)))) * 2;")
    #expect(session.answer(":step L").contains("into"))
    #expect(session.answer("into").contains("z → [G[0]] → G[1] → D → ans"))
  }
}

extension BackwardTests {
  @Test("Inside a time step of a layer its values can be used and asked for")
  func insideLayers() {
    let session = Session("g = GRU(2, 2);  q = randn(1, 3, 2);")
    _ = session.answer(":step g(q)")
    _ = session.answer("into")
    _ = session.answer("into")
    #expect(session.error("h[0] + h[-1]") == nil && session.error("r[1]") == nil && session.error("h[3]") != nil)
    #expect(session.answer("why h[0,1]").contains("h[0,1] = z[0][1]·h[-1][1] + (1 - z[0][1])·n[0][1]"))
    let gate = session.answer("why r[0,0]")
    // Too long for one line: its terms one below the other, then what is done to their sum.
    #expect(gate.contains("br[0]") && gate.contains("+ ───") && gate.contains("r[0,0] = σ(s)"), "\(gate)")
  }

  @Test("A line of numbers alone can be stepped through where it computes something")
  func literals() {
    let session = Session("s = softmax([1000, 1001, 999]);  n = randn(3);  a = [1, 2];")
    #expect(session.answer(":step s").contains("s = softmax([1000, 1001, 999])"))
    #expect(session.answer("into").contains("exp(z[j] - m)"))
    _ = session.answer("quit")
    #expect(session.error(":step n") == "E0820" && session.error(":step a") == "E0820")
  }
}

extension BackwardTests {
  @Test(
    "What has too many passes to be followed is one step, and says so",
    arguments: [
      "f(v) = { s = v; for k in 0..<2000 { s = 0.99 * s + 0.01 * w }; sum(s) }\nL = f(x);",
      "s = x; for k in 0..<2000 { s = 0.99 * s + 0.01 * w };\nL = sum(s);",
    ])
  func long(_ program: String) {
    let session = Session("x = [1, 2];  w = [3, 4];\n" + program)
    var frames = session.answer(":backward L")
    while session.console.mode != nil { frames += session.answer("next") }
    #expect(frames.contains("are one step here: more than 600 would be passed"), "\(frames)")
    #expect(frames.contains("all that came back") && frames.contains("outgoing"), "\(frames)")
    _ = session.answer(":step L")
    #expect(session.error("next") == nil)
  }
}
