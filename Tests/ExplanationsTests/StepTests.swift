import Display
import Explanations
import Language
import Testing

@testable import Shell

/// The screens of the design for the steppers, and what walks have in common.
@Suite(":step and :backward")
struct StepTests {
  static let convolution = """
    x = [1, 2, 0, 3; 4, 1, 2, 1; 0, 3, 1, 2; 2, 1, 4, 0];  w = [1, -1; 2, 1];
    z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]
    """

  @Test("The lines that led to a value are walked as the three screens show them")
  func lines() {
    let session = Session(Session.flowers)
    #expect(
      session.answer(":step y") == """
          step 1 of 3    X → [z] → h → y                                   z = X @ W + b

                                       ⎡  0.200  -0.500   0.310 ⎤
                                       ⎢ -0.400   0.100  -0.120 ⎥   W [4, 3]
                                       ⎢  0.600   0.700   0.770 ⎥
                 X [2, 4]              ⎣  0.100  -0.200   0.050 ⎦
          ⎡ 5.1  3.5  1.4  0.2 ⎤       ⎡  0.480  -1.260   2.249 ⎤   X @ W
          ⎣ 6.2  3.4  5.4  2.3 ⎦       ⎣  3.350   0.560   5.787 ⎦
                                     + [  0.100  -0.300   0.100 ]   b [3], to every row
                                     = ⎡  0.580  -1.560   2.349 ⎤   z [2, 3]
                                       ⎣  3.450   0.260   5.887 ⎦

          Enter next · back · goto N · why z[0,2] · any expression · quit
        """)
    #expect(session.console.prompt == "step 1/3> ")
    #expect(
      session.answer("") == """
          step 2 of 3    X → z → [h] → y                                     h = relu(z)

          relu ⎡  0.580  -1.560   2.349 ⎤   z [2, 3]
               ⎣  3.450   0.260   5.887 ⎦
             = ⎡  0.580   0.000   2.349 ⎤   h [2, 3]
               ⎣  3.450   0.260   5.887 ⎦

          1 of 6 was below 0 and is 0 now: z[0,1] = -1.56

          Enter next · back · goto N · why h[0,1] · any expression · quit
        """)
    #expect(session.console.prompt == "step 2/3> ")
    // The program does not know that a row is a flower.
    #expect(
      session.answer("next") == """
          step 3 of 3    X → z → h → [y]                                   y = h @ V + c

                                        ⎡  0.5000  -0.2000 ⎤
                                        ⎢  0.3000   0.8000 ⎥   V [3, 2]
                 h [2, 3]               ⎣ -0.6000   0.4000 ⎦
          ⎡ 0.580  0.000  2.349 ⎤       ⎡ -1.1194   0.8236 ⎤   h @ V
          ⎣ 3.450  0.260  5.887 ⎦       ⎣ -1.7292   1.8728 ⎦
                                      + [  0.2000  -0.1000 ]   c [2], to every row
                                      = ⎡ -0.9194   0.7236 ⎤   y [2, 2]
                                        ⎣ -1.5292   1.7728 ⎦

          y is the result: two scores for each row, the larger one wins

          Enter ends · back · goto N · why y[0,1] · any expression · quit
        """)
    #expect(session.console.prompt == "step 3/3> ")
    #expect(session.answer("") == "")
    #expect(session.console.prompt == ">>> ")
  }

  @Test("The gates of an LSTM are one table, as the screen shows it")
  func gates() {
    let session = Session(WhyScreen.lstm)
    _ = session.answer(":step h")
    #expect(session.console.prompt == "step 1/2> ")
    // The lines are counted from the input's first one.
    #expect(
      session.answer("into") == """
          step 1 of 2, t = 0    into the equations of one time step        lines 6 to 11

          u = h[-1] ++ x[0] = [0.5, -0.25, 1]                      unit 0     unit 1

          C[-1]                       the cell before             0.20000   -0.40000
          f[0]   σ(Wf @ u + bf)       keep this share of it       0.90465    0.46879
          i[0]   σ(Wi @ u + bi)       write this share            0.73106    0.56218
          C̃[0]   tanh(WC @ u + bC)    of this candidate           0.85515   -0.40113
          C[0]   f ⊙ C[-1] + i ⊙ C̃    the cell after              0.80609   -0.41302
          o[0]   σ(Wo @ u + bo)       show this share             0.40733    0.73106
          h[0]   o ⊙ tanh(C)          the output                  0.27187   -0.28587

          unit 0   C[0,0] = 0.904651·0.2 + 0.731059·0.855147 = 0.80609
                   h[0,0] = 0.407333·tanh(0.806093) = 0.27187

          Enter next equation · back · into C̃ · out · goto t=1 · why f[0,1] · quit
        """)
    #expect(session.console.prompt == "step 1/2, 1/6> ")
  }

  @Test("Windows of a convolution, the output filling up")
  func windows() {
    let session = Session(Self.convolution)
    _ = session.answer(":step z")
    _ = session.answer("into")
    // `products` is centred over its matrix, as in the screen of :why; the law stands flush right, as on every frame.
    #expect(
      session.answer("goto 6") == """
          window 6 of 9                               z[1,2] = ∑[k,l] x[1+k, 2+l]·w[k,l]

             1   2    0   3
                   ┌────────┐     patch         w         products     z so far
             4   1 │  2   1 │    ⎡ 2  1 ⎤ ⊙ ⎡  1  -1 ⎤ = ⎡  2  -1 ⎤     8   6   2
             0   3 │  1   2 │    ⎣ 1  2 ⎦   ⎣  2   1 ⎦   ⎣  2   2 ⎦     6   6  ▸5
                   └────────┘                                           ·   ·   ·
             2   1    4   0

          z[1,2] = 2 - 1 + 2 + 2 = 5

          Enter next window · back · goto 9 · goto [2,0] · out · why z[1,2] · quit
        """)
    #expect(session.console.prompt == "step 1/1, 6/9> ")
    #expect(session.answer("goto [2,0]").contains("window 7 of 9"))
  }

  @Test("The way back shows what comes in, the local derivative and what goes out")
  func backward() {
    let session = Session(Session.flowers)
    _ = session.answer(":backward L")
    #expect(
      session.answer("goto 3") == """
          step 3 of 5    L → y → h → [z] → W, b                              h = relu(z)

          incoming       ⎡ -0.29328   0.20949   0.41897 ⎤   ∂L/∂h, from step 2
                         ⎣  0.01243  -0.00888  -0.01775 ⎦
          ⊙ local        ⎡  1         0         1       ⎤   ∂h/∂z: 1 where z > 0, else 0
                         ⎣  1         1         1       ⎦
          = outgoing     ⎡ -0.29328   0.00000   0.41897 ⎤   ∂L/∂z, on to step 4
                         ⎣  0.01243  -0.00888  -0.01775 ⎦

          z[0,1] = -1.56 was cut to 0 going forward, so nothing comes back there.
          next, step 4:  ∂L/∂W = Xᵀ @ ∂L/∂z      ∂L/∂b = ∑[n] ∂L/∂z[n,:]

          Enter next · back · goto N · why ∂L/∂z[0,2] · any expression · quit
        """)
    #expect(session.console.prompt == "step 3/5> ")
  }

  /// Sessions, what is stepped to, and how many times one can go into the first step.
  static let walks: [(lines: String, command: String)] = [
    (Session.flowers, ":step y"), (Session.flowers, ":backward L"), (WhyScreen.lstm, ":step h"),
    (convolution, ":step z"),
    (WhyScreen.lstm + "\nL = sum(h[1]^2)", ":backward L"), (convolution + "\nL = sum(z^2)", ":backward L"),
    ("net = Dense(3, 4) >> tanh >> Dense(4, 2);  X = randn(5, 3);", ":step net(X)"),
    ("net = Dense(3, 4) >> tanh >> Dense(4, 2);  X = randn(5, 3);  L = mean(net(X)^2);", ":backward L"),
    ("Q = randn(3, 2);  K = randn(3, 2);  V = randn(3, 2);  c = attention(Q, K, V);", ":step c"),
    ("f(u) = { p = u^2; q = p + 1; relu(q - 3) }\na = [1, 2];", ":step f(a)"),
    (
      "r = randn(1, 1, 6, 6);  cnn = Conv2d(1, 2, 3) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(8, 3);",
      ":step cnn(r)"
    ),
    ("m = LSTM(2, 3) >> Dense(3, 1);  q = randn(1, 4, 2);", ":step m(q)"),
    ("J(w) = sum((w - [1, 2])^2)\nθ[0] = [4, -2]\nθ[t+1] = θ[t] - 0.1 * ∇J(θ[t]) where t in 0..<3;", ":step θ"),
  ]

  @Test("Forward and back again shows the same frames, each on one screen", arguments: walks.indices)
  func andBack(_ index: Int) {
    let session = Session(Self.walks[index].lines)
    var frames = [session.answer(Self.walks[index].command)]
    while true {
      let frame = session.answer("next")
      if session.console.mode == nil { break }
      frames.append(frame)
    }
    #expect(frames.count > 0)
    _ = session.answer(Self.walks[index].command)
    _ = session.answer("goto \(frames.count)")
    for frame in frames.dropLast().reversed() { #expect(session.answer("back") == frame) }
    for frame in frames {
      let lines = frame.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 24, "\(frame)")
      #expect(lines.allSatisfy { String($0).displayWidth <= 80 }, "\(frame)")
    }
  }

  @Test("What goes in comes out again where it was", arguments: walks.indices)
  func intoAndOut(_ index: Int) {
    let session = Session(Self.walks[index].lines)
    let first = session.answer(Self.walks[index].command)
    guard session.error("into") == nil else { return }
    let inside = session.answer("next")
    #expect(inside.split(separator: "\n", omittingEmptySubsequences: false).count <= 24, "\(inside)")
    _ = session.answer(Self.walks[index].command)
    _ = session.answer("into")
    #expect(session.answer("out") == first)
  }

  @Test("The derivatives on the way back are those of the language")
  func sameNumbers() {
    let session = Session(Session.flowers)
    let direct = session.answer("∂L/∂z[0,2]")
    let all = session.answer("∂L/∂W")
    _ = session.answer(":backward L")
    #expect(session.answer("∂L/∂z[0,2]") == direct)
    let frame = session.answer("goto 4")
    for number in ["-1.4187", "2.0267", "0.4907"] {
      #expect(frame.contains(number) && all.contains(number), "\(number)")
    }
  }

  @Test("An expression sees the values of the step, and the session stays as it is")
  func expressions() {
    let session = Session("f(u) = { p = u^2; p + 1 }\na = [1, 2];")
    _ = session.answer(":step f(a)")
    #expect(session.answer("p + u") == "ans : [2] = [2, 6]")
    #expect(session.error("p = 3") == "E0823")
    #expect(session.answer("quit") == "")
    #expect(session.error("p") == "E0101")
  }

  @Test(
    "What cannot be stepped through says so",
    arguments: [
      (":step a", "E0820"), (":step 3", "E0820"), (":step net", "E0820"), (":step f", "E0820"),
      (":step nothing", "E0101"),
      (":step", "E0804"), (":backward a", "E0824"), (":backward", "E0804"), (":backward a + 1", "E0824"),
      (":step a +", "E0007"),
    ])
  func refusals(_ line: String, _ code: String) {
    let session = Session("a = [1, 2];  net = Dense(2, 2);  f(x) = x + 1")
    #expect(session.error(line) == code)
    #expect(session.console.prompt == ">>> ")
  }

  @Test(
    "What the stepper does not know says so, and it stays where it is",
    arguments: [
      ("goto 99", "E0821"), ("goto", "E0821"), ("back", "E0821"), ("out", "E0822"), ("into", "E0822"), ("nxt", "E0823"),
      ("a = 3", "E0823"), ("unknown", "E0101"),
    ])
  func unknownWords(_ line: String, _ code: String) {
    let session = Session("a = [1, 2];  y = a * 2;")
    _ = session.answer(":step y")
    #expect(session.error(line) == code)
    #expect(session.console.prompt == "step 1/1> ")
  }

  @Test("In ASCII a frame has no other characters")
  func ascii() {
    let session = Session(Session.flowers, ascii: true)
    for line in [":step y", "", "", ":backward L", "", "", ""] {
      #expect(session.answer(line).utf8.allSatisfy { $0 < 0x80 }, "\(line)")
    }
  }
}
