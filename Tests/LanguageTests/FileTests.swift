import Display
import Interchange
import Tensors
import Testing

@testable import Language

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("Values in files")
struct FileTests {
  let folder: BuiltinFolder
  let responder: LanguageResponder

  init() throws {
    folder = try BuiltinFolder()
    responder = LanguageResponder()
    responder.interpreter.settings.folder = folder.path
  }

  private func say(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
    let (lines, error) = responder.respond(to: text)
    if let error { Issue.record("\(text): \(error) \(lines)", sourceLocation: sourceLocation) }
    return lines
  }

  /// Lines that make `v`, and what must be the same for what was loaded, `w`: an expression in `v`.
  static let values: [(make: String, look: String)] = [
    ("v = 0.1 + 0.2", "v"), ("v = randn(3, 4)", "v"), ("v = f32(randn(5))", "v"), ("v = zeros(0, 2)", "shape(v)"),
    ("v = [nan, inf, -inf, -0]", "1/v"), ("v = \"é\\n\\\"x\\\"\"", "v"), ("v = 3...7", "v"),
    ("v = (1, \"a\", [2, 3])", "v[2]"),
    ("v = (W: [1, 2; 3, 4], b: (c: 5))", "v.W + v.b.c"), ("v = mean([1, 2; 3, 4], axis: 1)", "v"),
    ("v = x -> x^2 + 1", "v(3)"), ("f(x, η: 0.1) = { a = x * η; a + 1 }; v = f", "v(2) + v(2, η: 1)"),
    ("make(k) = { g(x) = k * x; g }; v = make(5)", "v(3)"), ("make(k) = x -> k[1] * x; v = make([2, 7])", "v(3)"),
    ("fact(n) = if n < 2 then 1 else n * fact(n - 1); v = fact", "v(5)"),
    ("v = ∇(x -> sum(x^3))", "v([1, 2])"), ("v = tanh'", "v(0.5)"), ("v = sin >> exp", "v(0.5)"), ("v = relu", "v(-1)"),
    ("v = warmup(cosine(0.1, steps: 7, floor: 0.01), steps: 3)", "v(0..<12)"),
    ("v = Dense(3, 4) >> relu >> (x -> 2x) >> Dense(4, 2, bias: false)", "v([1, 2, 3])"),
    ("v = Conv2d(1, 2, 3, stride: 2, padding: \"same\") >> MaxPool2d(2) >> Flatten()", "v(ones(1, 1, 8, 8))"),
    ("v = observe(BatchNorm(2, momentum: 0.5, epsilon: 0.01), [1, 5; 3, 9])", "v([1, 5; 3, 9])"),
    ("v = LayerNorm(2, epsilon: 0.1)", "v([1, 5; 3, 9])"),
    ("v = Residual(Dense(2, 2) >> (x -> x^2), shortcut: Dense(2, 2))", "v([1, 5; 3, 9])"),
    ("v = LSTM(2, 3, layers: 2, bidirectional: true, last: true)", "v(ones(1, 4, 2))"),
    ("v = GRU(2, 3) >> TransformerBlock(3, 1, causal: true, hidden: 5)", "v(ones(1, 4, 2))"),
    ("v = Embedding(5, 4) >> PositionalEncoding(4) >> MultiHeadAttention(4, 2)", "v([1, 2, 4])"),
    ("v = train(Dense(4, 3), iris(), epochs: 2, batch: 50, seed: 1)", "history(v)"),
    ("q, v = update(Adam(0.01, amsgrad: true, clip: 2), [1, 2], [0.1, -3])", "update(v, [1, 2], [3, 4])[0]"),
    ("q, v = update(SGD(cosine(0.1, steps: 9), momentum: 0.9), [1, 2], [0.1, -3])", "update(v, [1, 2], [3, 4])[0]"),
    ("q, v = update(SGD(t -> 1/(t + 1)), [1, 2], [0.1, -3])", "update(v, [1, 2], [3, 4])[0]"),
    ("v = digits()[[3, 5, 8]]", "v.x[2] + v.y[2]"), ("v = normalize(iris())", "v.x[7]"),
    ("v = batches(partition(iris(), 0.3, seed: 2)[0], 4)", "v.x"),
  ]

  @Test("that save wrote are what load gives, to the last bit", arguments: values.indices)
  func roundTrip(index: Int) throws {
    let (make, look) = Self.values[index]
    _ = say(make)
    #expect(say("save(\"x.nabla\", v)").last?.hasPrefix("  x.nabla written, ") == true)
    _ = say("a = \(look); shown = 1")
    _ = say("v = load(\"x.nabla\")")
    _ = say("b = \(look)")
    let (a, b) = (responder.interpreter.value(named: "a"), responder.interpreter.value(named: "b"))
    if case .string(let first)? = a, case .string(let second)? = b {
      #expect(first == second)
      return
    }
    let (first, second) = (try #require(a?.leaves(.float64)), try #require(b?.leaves(.float64)))
    #expect(first.map(\.shape) == second.map(\.shape) && first.map(\.elementType) == second.map(\.elementType))
    #expect(first.flatMap(\.elements).map(\.bitPattern) == second.flatMap(\.elements).map(\.bitPattern), "\(make)")
  }

  @Test("of a mean along an axis still do not stretch back")
  func stretching() {
    _ = say("save(\"x.nabla\", mean([1, 2; 3, 4], axis: 1)); m = load(\"x.nabla\")")
    #expect(responder.respond(to: "[1, 2; 3, 4] - m").error != nil)
  }

  @Test("draw nothing: the numbers drawn after a load are those without it")
  func draws() {
    _ = say("save(\"x.nabla\", Dense(3, 3))")
    let other = LanguageResponder()
    _ = other.respond(to: "q = Dense(3, 3)")
    _ = say("w = load(\"x.nabla\")")
    #expect(say("rand(2)") == other.respond(to: "rand(2)").lines)
  }

  @Test("hold no other program: a function's text is a function and nothing else")
  func nothingRuns() throws {
    for text in ["0; x = 5; y -> y", "(x -> x)(3)", "{ x = 5; y -> y }", "f(y) = y\nx = 5"] {
      let name = text.hasPrefix("f(") ? "f" : ""
      let stored = StoredValue.tagged("function", [.string(name), .string(text), .record([])])
      _ = try stored.write(to: folder.path + "/x.nabla")
      #expect(responder.respond(to: "load(\"x.nabla\")").error == "E0401", "\(text)")
      #expect(responder.interpreter.value(named: "x") == nil)
    }
    _ = try StoredValue.tagged("optimizer", [.string("print(1)"), .number(0), .list([]), .list([])])
      .write(to: folder.path + "/x.nabla")
    #expect(responder.respond(to: "load(\"x.nabla\")").error == "E0401")
  }

  @Test("that are damaged or of another kind say so")
  func problems() throws {
    #expect(
      responder.respond(to: "load(\"hello.txt\")").lines.prefix(2) == [
        "error E0401: hello.txt: a file that save wrote was expected, this is a text:",
        "  text(path) or csv(path) reads it",
      ])
    #expect(responder.respond(to: "load(\"weihgts.nabla\")").error == "E0401")
    #expect(responder.respond(to: "save(\"none/x.nabla\", 1)").error == "E0401")
    #expect(responder.respond(to: "save(\"x.png\", \"a\")").error == "E0303")
    #expect(responder.respond(to: "save(\"x.png\", [1, 2])").error != nil)
    #expect(responder.respond(to: "png(\"hello.txt\")").error == "E0401")
    #expect(responder.respond(to: "wav(\"hello.txt\")").error == "E0401")
    #expect(responder.respond(to: "cifar10(\"data\")").error == "E0401")
  }

  @Test("outside the folder are refused while a session of somebody else is played")
  func confined() throws {
    responder.interpreter.settings.isConfined = true
    for path in ["/etc/hostname", "../x.nabla", "~/x.nabla", "data/../../x.nabla", "/tmp/x.nabla"] {
      for line in [
        "text(\"\(path)\")", "save(\"\(path)\", 1)", "load(\"\(path)\")", "csv(\"\(path)\")", "idx(\"\(path)\")",
      ] {
        #expect(responder.respond(to: line).error == "E0402", "\(line)")
      }
    }
    #expect(symlink("/etc", folder.path + "/x.nabla") == 0)
    #expect(responder.respond(to: "text(\"x.nabla/hostname\")").error == "E0402")
    #expect(say("size(text(\"hello.txt\"))") == ["ans = 5"])
    _ = say("save(\"x.csv\", [1, 2])")
    #expect(responder.respond(to: "text(\"none/x\")").error == "E0401")
  }

  @Test("Images, sounds and tables are written as what their names say")
  func others() {
    _ = say(
      "save(\"x.png\", [0, 1; 0.2, 0.4]); save(\"x.csv\", [1, 2.5; -3e300, 0.1]); save(\"x.wav\", wav(\"beep.wav\"))")
    #expect(say("all(png(\"x.png\")[0] == [0, 1; 0.2, 0.4])") == ["ans = 1"])
    #expect(say("text(\"x.csv\")") == ["ans = \"1,2.5\\n-3e+300,0.1\\n\""])
    #expect(say("all(csv(\"x.csv\") == [1, 2.5; -3e300, 0.1])") == ["ans = 1"])
    #expect(say("s = wav(\"x.wav\"); s.x") == ["ans : [4] = [0.0, 0.5, 0.0, -0.5]"])
  }

  @Test("A table is a tensor, its words are numbers of classes, and which is which is said")
  func tables() throws {
    let lines = say("d = csv(\"data/iris.csv\")")
    #expect(lines.first == "  column 4: 0 setosa, 1 versicolor, 2 virginica")
    #expect(say("shape(d)") == ["ans : list = (150, 5)"])
    #expect(say("csv(\"data/iris.csv\", target: 4).classes[2]") == ["ans = \"virginica\""])
    try folder.write("words.csv", Array("size,kind\n1.5,cat\n2.5,dog\n3.5,cat\n".utf8))
    #expect(
      say("csv(\"words.csv\")") == [
        "  kind: 0 cat, 1 dog", "ans : [3, 2]", " [1.5, 0.0;", "  2.5, 1.0;", "  3.5, 0.0]",
      ])
    #expect(say("csv(\"words.csv\", target: \"kind\").y") == ["ans : [3] = [0, 1, 0]"])
    #expect(
      responder.respond(to: "csv(\"words.csv\", target: \"kin\")").lines.contains { $0.contains("target: \"kind\"") })
    #expect(responder.respond(to: "csv(\"words.csv\", target: 2)").error == "E0303")
    try folder.write("mixed.csv", Array("1,2\n3,x\n".utf8))
    #expect(
      responder.respond(to: "csv(\"mixed.csv\")").lines.first
        == "error E0401: mixed.csv: line 2, column 3: 'x' is not a number")
  }
}
