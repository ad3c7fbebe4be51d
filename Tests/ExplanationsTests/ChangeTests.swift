import Display
import Testing

@Suite("One number changed, what came from what, everything checked")
struct ChangeTests {
  @Test("A changed weight shows what follows, and what the slope foretold")
  func change() {
    let session = Session(Session.flowers)
    #expect(
      session.answer(":what W[0,2] = 0.5") == """
          W[0,2]  0.31 → 0.5                                  the session stays as it is
          z       2 of 6 change   z[0,2] 2.349 → 3.318      z[1,2] 5.887 → 7.065
          h       2 of 6 change   h[0,2] 2.349 → 3.318      h[1,2] 5.887 → 7.065
          y       4 of 4 change   y[0,0] -0.9194 → -1.5008  y[0,1] 0.7236 → 1.1112
          L       1 of 1 changes  L 0.92798 → 1.34704       0.41907 more

          the slope foretold  ∂L/∂W[0,2]·0.19 = 2.0267·0.19 = 0.38507;  L is curved
        """)
    // Nothing has happened to the session.
    #expect(session.answer("L") == "L = 0.92798")
    #expect(session.answer("W[0,2]") == "ans = 0.31")
  }

  @Test("A number by itself, a weight of a network, a straight loss and labels can be changed")
  func kinds() {
    let session = Session(
      Session.flowers + """

        s = 2;  r = 3s;  u = r * 4;
        net = Dense(4, 2, W: X[0..<2, :].T, b: [0, 0]);  M = mse(net(X), [0, 0; 1, 1]);
        """)
    #expect(session.answer(":what s = 5").contains("u is straight here"))
    #expect(session.answer(":what net[0].W[1,0] = 0").contains("∂M/∂net[0].W[1,0]"))
    #expect(!session.answer(":what t[0] = 1").contains("foretold"))
    #expect(session.answer(":what t[0] = 1").contains("0.8215 less"))
  }

  @Test("Through a loop every gate is followed in the order in which it is computed")
  func sequences() {
    let session = Session("demo(\"lstm\")")
    let lines = session.answer(":what Wf[0,0] = 1").split(separator: "\n").map(String.init)
    #expect(lines[1...7].map { $0.split(separator: " ")[0] } == ["f", "i", "C̃", "C", "o", "h", "L"])
    #expect(lines[1].contains("2 of 4 change   f[0,0] 0.90465 → 0.92414"), "\(lines[1])")
    #expect(lines.last?.hasSuffix("L is curved") == true)
  }

  @Test("The slope foretells the loss, whatever number was computed after it")
  func foretellsLoss() {
    let session = Session("demo(\"linear\")\nn = sum(y);")
    #expect(session.answer(":what w = 2").contains("∂L/∂w·0.5 = -8.5·0.5 = -4.25"))
    let plain = Session("a = 2;  b = a^2;  c = 3 * a;")
    #expect(plain.answer(":what a = 3").contains("∂c/∂a·1 = 3·1 = 3"))
  }

  @Test("A dataset says that it never changes, not that it has no such field")
  func dataset() {
    #expect(Session("d = iris();").error("d.x = 3") == "E0110")
    #expect(Session("d = iris();").error("d.z = 3") == "E0111")
  }

  @Test("What cannot be changed is refused with a reason")
  func refusals() {
    let session = Session(Session.flowers + "\nq = 3;  f(x) = x;  text = \"a\";")
    #expect(session.error(":what") == "E0833")
    #expect(session.error(":what W = 3") == "E0833")
    #expect(session.error(":what W[0] = 1") == "E0833")
    #expect(session.error(":what W[9,0] = 1") == "E0206")
    #expect(session.error(":what W[0,0] = [1, 2]") == "E0833")
    #expect(session.error(":what W[0,0] = nope") == "E0101")
    #expect(session.error(":what Q[0] = 1") == "E0101")
    #expect(session.error(":what q = 1") == "E0834")
    #expect(session.error(":what text = 1") == "E0833")
    #expect(session.error(":what 3 = 1") == "E0833")
    #expect(session.error(":what L == 1") == "E0833")
    _ = session.answer("W = 2 * W;")
    #expect(session.error(":what W[0,0] = 1") == "E0834")
  }

  @Test("A tree shows what a loss was computed from, with lines and shapes")
  func graph() {
    let session = Session(Session.flowers)
    #expect(
      session.answer(":graph L") == """
        L = cross_entropy(y, t)                                                  0.92798
        ├─ y = h @ V + c                line 5                                    [2, 2]
        │  ├─ h = relu(z)               line 5                                    [2, 3]
        │  │  └─ z = X @ W + b          line 5                                    [2, 3]
        │  │     ├─ X                   line 1                                    [2, 4]
        │  │     ├─ W                   line 2   12 numbers                       [4, 3]
        │  │     └─ b                   line 3    3 numbers                          [3]
        │  ├─ V                         line 4    6 numbers                       [3, 2]
        │  └─ c                         line 4    2 numbers                          [2]
        └─ t                            line 1   labels                              [2]
        """)
    #expect(session.error(":graph nope") == "E0101")
    #expect(session.error(":graph") == "E0804")
    #expect(session.error(":graph relu") == "E0830")
  }

  @Test("A tree of many names is cut to the height of the screen")
  func deep() {
    var lines = "a0 = [1, 2];"
    for number in 1...40 { lines += "\na\(number) = a\(number - 1) * 2 + a\(max(0, number - 2));" }
    let session = Session(lines)
    let answer = session.answer(":graph a40").split(separator: "\n")
    #expect(answer.count <= 24)
    #expect(answer.contains { $0.contains("more") })
    #expect(answer.allSatisfy { String($0).displayWidth <= 80 })
  }

  @Test("A check computes every step again and holds gradients against central differences")
  func check() {
    let session = Session(Session.flowers)
    #expect(
      session.answer(":check L") == """
          L = 0.92798, forward: 4 steps computed a second way, all agree ✓

          gradient    shape     max |∇|    exact against central differences, step 1e-5
          ∂L/∂W       [4, 3]     2.0267    12 of 12 within 1e-8 ✓
          ∂L/∂b       [3]       0.40122     3 of  3 within 1e-8 ✓
          ∂L/∂V       [3, 2]    0.87966     6 of  6 within 1e-8 ✓
          ∂L/∂c       [2]       0.40122     2 of  2 within 1e-8 ✓
          nearest kink  z[1,1] = 0.26: relu bends at 0, a step across it would not agree
        """)
  }

  @Test("A check goes through functions, equations and networks, and takes a kink for what it is")
  func checks() {
    let session = Session(
      """
      u = [1, 2];  g(x) = ∇(v -> sum(v^3))(x);  F = sum(g(u));
      k = abs(u[0] - 1 + 0.000005);
      x = [1, 2, 0, 3; 4, 1, 2, 1; 0, 3, 1, 2];  w = [1, -1; 2, 1];
      q[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l];  E = sum(q^2);
      net = Dense(4, 3, W: [1, 2, 3; 0, 1, 2; 3, 1, 0; 1, 1, 1]);  M = cross_entropy(net(x), [0, 1, 2]);
      """)
    #expect(session.answer(":check F").contains("2 of 2 within 1e-8 ✓"))
    #expect(session.answer(":check k").contains("1 of 2 within 1e-8, 1 beside a kink ✓"))
    #expect(session.answer(":check E").contains("2 steps computed a second way, all agree ✓"))
    #expect(session.answer(":check M").contains("1 step computed a second way, all agree ✓"))
    #expect(session.error(":check q") == "E0835")
    #expect(session.error(":check") == "E0804")
    #expect(session.error(":check 1 + 2") == "E0835")
    #expect(session.error(":check nope") == "E0101")
    _ = session.answer("z = 3;")
    #expect(session.error(":check z") == "E0835")
  }

  @Test("What is no number, and what is one already, is said to be so")
  func noNumbers() {
    let session = Session("x = [1, 2; 3, 4];  W = [1, 2; 3, 4];  y = x @ W;  L = sum(y^2);  s = \"word\";  k = 3;")
    let infinite = session.answer(":what W[0,0] = inf")
    #expect(infinite.contains("y       2 of 4 change   y[0,0] 7 → inf"), "\(infinite)")
    #expect(
      infinite.contains("L is inf then: no slope foretells that") && !infinite.contains("straight"), "\(infinite)")
    let nan = session.answer(":what W[0,0] = nan")
    #expect(nan.contains("L 858 → nan") && !nan.contains("less") && !nan.contains("more"), "\(nan)")
    #expect(session.answer(":what W[0,0] = 1e300").contains("L is inf then"))
    #expect(session.answer(":what W[0,0] = 1") == "  W[0,0] is 1 already: nothing changes")
    #expect(session.answer(":what s = 5").contains("E0833: s is a string, and :what changes one number"))
    #expect(session.answer(":grads L on x").contains("try   :grads L"))
    #expect(session.error(":graph x + 1") == "E0804" && session.answer(":graph x + 1").contains("try   q = x + 1"))
    #expect(session.answer(":summary Dense(2, 3) >> relu").contains("net[0]   Dense(2, 3)"))
    #expect(session.error(":summary W @ W") != nil && session.error(":summary abs(k)") == "E0804")
    #expect(session.answer(":optim Adam").contains("Adam alone is no optimiser"))
  }

  @Test("The fourth document's network is summed up to the letter")
  func summary() {
    let session = Session(
      """
      net = Conv2d(1, 32, 3) >> relu >> Conv2d(32, 64, 3) >> MaxPool2d(2) >> Dropout(0.25) >> Flatten();
      net = net >> Dense(9216, 128) >> relu >> Dropout(0.5) >> Dense(128, 10) >> log_softmax;
      """)
    #expect(
      session.answer(":summary net") == """
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
}
