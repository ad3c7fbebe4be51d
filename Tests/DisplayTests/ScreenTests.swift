import Testing

@testable import Display

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The screens of section 1 and 8 of the design, as far as they are pure display, character by character.
@Suite("Screens")
struct ScreenTests {
  static let iris = NetworkText(
    name: "net", input: "[n, 4]",
    layers: [
      .init(
        kind: "Dense", output: "[n, 16]", parameterCount: 80, countFormula: "4·16 + 16", parameterNames: ["W", "b"]),
      .init(kind: "relu", output: "[n, 16]"),
      .init(
        kind: "Dense", output: "[n, 3]", parameterCount: 51, countFormula: "16·3 + 3", parameterNames: ["W", "b"]),
    ])

  @Test("The banner is three things to type")
  func banner() {
    expect(
      BannerText(version: "1.0", seed: 7).document(),
      """
      nabla 1.0 · formula, numbers, result                       f64, 5 digits, seed 7
        compute    A = [1, 2; 3, 4]
        ask why    :why (A @ A)[0,1]
        learn      :tutorial              :help for everything else, Ctrl-D to leave
      """)
  }

  @Test("Numbers, vectors and matrices echo as the design draws them")
  func echoes() {
    expect(tensor("ans", [], [.pi]), "ans = 3.1416")
    expect(tensor("v", [3], [1, -2, 1.0 / 3]), "v : [3] = [1.0000, -2.0000, 0.3333]")
    expect(
      tensor("W", [2, 3], [0.2, -0.5, 0.31, -0.4, 0.1, -0.12]),
      """
      W : [2, 3]
       [ 0.20, -0.50,  0.31;
        -0.40,  0.10, -0.12]
      """)
    expect(
      tensor("ans", [2, 2], [1, 0.002, 3e-9, 4]),
      """
      ans : [2, 2]
       [1.0e0,  2.0e-3;
        3.0e-9, 4.0e0]
      """)
  }

  @Test("A large matrix echoes as its corners and its statistics")
  func large() {
    let large = TensorText(
      name: "S", shape: [200, 50], note: "i in 0..<200, j in 0..<50",
      element: { sin(Double($0 / 50 + 2 * ($0 % 50))) })
    expect(
      large.document(),
      """
      S : [200, 50]   i in 0..<200, j in 0..<50
       [ 0.0000,  0.9093, -0.7568, …, -0.5734;
         0.8415,  0.1411, -0.9589, …, -0.9992;
         0.9093, -0.7568, -0.2794, …, -0.5064;
        …
        -0.8818, -0.0619,  0.9333, …,  0.9929]
        mean -2.4636e-5   std 0.70711   min -0.99999   max 0.99991
      """)
  }

  @Test("A record echoes as its fields")
  func record() {
    let record = RecordText(
      name: "θ",
      fields: [
        .init("W", .tensor(text(nil, [2, 2], [1, 2, 3, 4]))), .init("b", .tensor(text(nil, [2], [0, 0]))),
        .init("rate", .tensor(text(nil, [], [0.1]))),
      ])
    expect(
      record.document(),
      """
      θ : record, 7 numbers
        W    : [2, 2] = [1, 2; 3, 4]
        b    : [2] = [0, 0]
        rate = 0.1
      """)
  }

  @Test("A network echoes as its layers and the multiplications that count them")
  func network() {
    expect(
      Self.iris.document(),
      """
      net : [n, 4] → [n, 3], 131 parameters
        net[0]   Dense    [n, 16]    4·16 + 16 =  80    W, b
        net[1]   relu     [n, 16]                 0
        net[2]   Dense    [n, 3]     16·3 + 3  =  51    W, b
      """)
  }

  @Test("Training shows one line while it runs")
  func trainLive() {
    let progress = TrainingProgress(epoch: 23, epochs: 60, loss: 0.61372, accuracy: 0.79333, secondsLeft: 0.8)
    expect(
      Document([progress.line()]), "  epoch 23/60 ━━━━━━━╸──────────── loss 0.6137  accuracy 0.793  0:01 left")
  }

  @Test("Training ends with its curves and what to do next")
  func trainDone() {
    let text = TrainingText(
      network: Self.iris, epochs: 60, stepsPerEpoch: 1, samples: 150,
      curves: [
        .init("loss", IrisRun.losses), .init("accuracy", IrisRun.accuracies, remark: "146 of 150 right"),
      ], suggestions: ["plot(history(net))", ":grads net", ":why net(X)[0,0]"])
    expect(
      text.document(),
      """
      net : [n, 4] → [n, 3], 131 parameters
        60 epochs of 1 step, 150 samples
        loss       1.4435 █▆▄▄▃▃▃▂▂▂▂▂▁▁▁▁▁▁▁▁ 0.3440   lowest 0.3440 after epoch 60
        accuracy   0.3333 ▁▁▅▄▅▆█▆▆███▇▇██████ 0.9733   146 of 150 right
        see  plot(history(net))   :grads net   :why net(X)[0,0]
      """)
  }

  @Test("Training that is stopped says what is kept and how to go on")
  func trainStopped() {
    expect(
      TrainingText.stopped(
        after: 23, of: 60, name: "net", goOn: "net = train(net, iris(), optimizer: Adam(0.01), epochs: 37, …)"),
      """
      ^C stopped after step 23 of 60; net keeps what it learned
        go on with  net = train(net, iris(), optimizer: Adam(0.01), epochs: 37, …)
      """)
  }

  @Test("A summary adds up")
  func summary() {
    func layer(_ text: String, _ output: String, _ count: Int = 0, _ formula: String = "") -> NetworkText.Layer {
      .init(
        kind: String(text.prefix { $0 != "(" }), description: text, output: output, parameterCount: count,
        countFormula: formula)
    }
    let network = NetworkText(
      name: "net", input: "[n, 1, 28, 28]",
      layers: [
        layer("Conv2d(1, 32, 3)", "[n, 32, 26, 26]", 320), layer("relu", "[n, 32, 26, 26]"),
        layer("Conv2d(32, 64, 3)", "[n, 64, 24, 24]", 18_496), layer("MaxPool2d(2)", "[n, 64, 12, 12]"),
        layer("Dropout(0.25)", "[n, 64, 12, 12]"), layer("Flatten", "[n, 9216]"),
        layer("Dense(9216, 128)", "[n, 128]", 1_179_776, "64·12·12·128 + 128"), layer("relu", "[n, 128]"),
        layer("Dropout(0.5)", "[n, 128]"), layer("Dense(128, 10)", "[n, 10]", 1_290),
        layer("log_softmax", "[n, 10]"),
      ], source: "D4.S1")
    expect(
      SummaryText(network).document(),
      """
        net : [n, 1, 28, 28] → [n, 10]                                           D4.S1
        layer     kind                output              parameters
        input                         [n, 1, 28, 28]
        net[0]    Conv2d(1, 32, 3)    [n, 32, 26, 26]          320
        net[1]    relu                [n, 32, 26, 26]            0
        net[2]    Conv2d(32, 64, 3)   [n, 64, 24, 24]       18,496   1.5 %
        net[3]    MaxPool2d(2)        [n, 64, 12, 12]            0
        net[4]    Dropout(0.25)       [n, 64, 12, 12]            0
        net[5]    Flatten             [n, 9216]                  0
        net[6]    Dense(9216, 128)    [n, 128]           1,179,776  98.3 % ██████████
        net[7]    relu                [n, 128]                   0
        net[8]    Dropout(0.5)        [n, 128]                   0
        net[9]    Dense(128, 10)      [n, 10]                1,290
        net[10]   log_softmax         [n, 10]                    0
                                                      + ──────────
        together                                         1,199,882
        in f64 9.6 MB, in f32 4.8 MB; net[6] alone: 64·12·12·128 + 128 = 1,179,776
      """)
  }

  @Test("A network's table fits the screen: long counts and many names are cut")
  func narrow() {
    let network = NetworkText(
      name: "model", input: "[n, t]",
      layers: [
        .init(
          kind: "Embedding", output: "[n, t, 32]", parameterCount: 32_000, countFormula: "1000·32",
          parameterNames: ["W"]),
        .init(
          kind: "LSTM", output: "[n, t, 64]", parameterCount: 57_856,
          countFormula: "32·256 + 64·256 + 256 + 64·256 + …", parameterNames: ["W0", "U0", "b0", "W1", "U1", "b1"]),
      ])
    expect(
      network.document(),
      """
      model : [n, t] → [n, t, 64], 89,856 parameters
        model[0]   Embedding    [n, t, 32]    1000·32                   = 32,000    W
        model[1]   LSTM         [n, t, 64]    32·256 + 64·256 + 256 + … = 57,856    …
      """)
    let summary = NetworkText(
      name: "resnet18", input: "[n, 3, 224, 224]",
      layers: [
        .init(
          kind: "Conv2d", description: "Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false)",
          output: "[n, 64, 112, 112]", parameterCount: 9_408, countFormula: "64·3·7·7"),
        .init(
          kind: "Dense", description: "Dense(512, 1000)", output: "[n, 1000]", parameterCount: 513_000,
          countFormula: "512·1000 + 1000"),
      ])
    expect(
      summary.document(),
      """
      resnet18 : [n, 3, 224, 224] → [n, 1000], 522,408 parameters
        resnet18[0]   Conv2d    [n, 64, 112, 112]    64·3·7·7        =   9,408
        resnet18[1]   Dense     [n, 1000]            512·1000 + 1000 = 513,000
      """)
    expect(
      SummaryText(summary).document(),
      """
        resnet18 : [n, 3, 224, 224] → [n, 1000]
        layer         kind               output                parameters
        input                            [n, 3, 224, 224]
        resnet18[0]   Conv2d(3, 64, …)   [n, 64, 112, 112]        9,408   1.8 %
        resnet18[1]   Dense(512, 1000)   [n, 1000]              513,000  98.2 % ██████
                                                           + ──────────
        together                                                522,408
        in f64 4.2 MB, in f32 2.1 MB; resnet18[1] alone: 512·1000 + 1000 = 513,000
      """)
    var wide = Style.plain
    wide.width = 120
    #expect(PlainWriter().write(network.document(wide)).contains("64·256 + … = 57,856    W0, U0, b0, W1, U1, b1"))
  }

  @Test("A network of many layers is folded in the middle, and its summary fits 24 lines")
  func deep() {
    let layers = (0..<40).map { _ in
      NetworkText.Layer(kind: "Dense", description: "Dense(8, 8)", output: "[n, 8]", parameterCount: 72)
    }
    let network = NetworkText(name: "net", input: "[n, 8]", layers: layers)
    let lines = PlainWriter().write(network.document()).split(separator: "\n")
    #expect(lines.count == 8)
    #expect(lines[4] == "  net[3] to net[36]   34 layers   2,448 parameters")
    #expect(SummaryText(network).document().lines.count <= 24)
  }
}

func text(_ name: String?, _ shape: [Int], _ numbers: [Double], precision: Precision = .f64) -> TensorText {
  TensorText(name: name, shape: shape, precision: precision, element: { numbers[$0] })
}

func tensor(_ name: String?, _ shape: [Int], _ numbers: [Double], _ style: Style = .plain) -> Document {
  text(name, shape, numbers).document(style)
}

/// Expects what the plain writer makes of a document, line by line.
func expect(
  _ document: Document, _ expected: String, _ style: Style = .plain, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(PlainWriter(style).write(document) == expected + "\n", sourceLocation: sourceLocation)
}
