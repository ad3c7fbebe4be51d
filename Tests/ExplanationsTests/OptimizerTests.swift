import Display
import Language
import Networks
import Tensors
import Testing

@testable import Explanations

@Suite("One step of an optimiser")
struct OptimizerTests {
  @Test("Adam's step is shown with every quantity of its rule")
  func adam() {
    let session = Session(
      """
      J(w) = w[0] + 0.01 * w[1]
      w = minimize(J, [0, 0], optimizer: Adam(0.001), steps: 3);
      """)
    #expect(
      session.answer(":optim") == """
          Adam, step t = 3 of 3: η = 0.001, β₁ = 0.9, β₂ = 0.999, ε = 1e-8       D5.adam

                                                                    w[0]         w[1]
          g  gradient            ∇J(w[2])                              1         0.01
          m  average of g        β₁·m[t-1] + (1 - β₁)·g            0.271      0.00271
          v  average of g²       β₂·v[t-1] + (1 - β₂)·g²       0.0029970    2.9970e-7
          m̂  m, freed of bias    m / (1 - β₁ᵗ)                         1         0.01
          v̂  v, freed of bias    v / (1 - β₂ᵗ)                         1       0.0001
          Δ  the step            η·m̂ / (√v̂ + ε)                0.0010000    0.0010000
          w  before              w[t-1]                       -0.0020000   -0.0020000
          w  after               w[t-1] - Δ                   -0.0030000   -0.0030000

          g differs 100 times, Δ hardly at all: √v̂ divides out the size of the gradient.
          one number:  :why w[0]      another rule on the same g:  :optim SGD(0.001)
        """)
    #expect(session.answer(":optim SGD(0.001)").hasPrefix("  SGD on the same gradient, as its first step: η = 0.001"))
  }

  @Test("One number that Adam made is worked out quantity by quantity")
  func ladder() throws {
    let session = Session(
      """
      J(w) = mean(([1, 2, 3] * w - [5, 7, 10])^2)
      w = minimize(J, 1, optimizer: Adam(0.01), steps: 2);
      """)
    let document = try #require(OptimizerLadder("w", [], session.console.interpreter)).document()
    #expect(
      PlainWriter(.plain).write(document) == """
          step t = 2 of 2, Adam: η = 0.01, β₁ = 0.9, β₂ = 0.999, ε = 1e-8        D5.adam

          g  gradient          = ∇J(w[1])                             = -23.240
          m  average of g      = β₁·m[t-1] + (1 - β₁)·g
                               = 0.9·(-2.3333) + 0.1·(-23.240)        = -4.424
          v  average of g²     = β₂·v[t-1] + (1 - β₂)·g²
                               = 0.999·0.54444 + 0.001·(-23.240)²     = 1.0840
          m̂  m, freed of bias  = m / (1 - β₁ᵗ)
                               = -4.424 / (1 - 0.9²)                  = -23.284
          v̂  v, freed of bias  = v / (1 - β₂ᵗ)
                               = 1.0840 / (1 - 0.999²)                = 542.27
          Δ  the step          = η·m̂ / (√v̂ + ε)
                               = 0.01·(-23.2842) / (√542.270 + 1e-8)  = -0.0099989
          w  the new weight    = w[t-1] - Δ
                               = 1.0100 - (-0.0099989)                = 1.0200

          m[0] = v[0] = 0 pulls m and v down at first: that is the bias taken out.

        """)
  }

  /// Every rule with every option that changes it.
  static let rules = [
    "SGD(0.01)", "SGD(0.01, momentum: 0.9)", "SGD(0.01, momentum: 0.9, nesterov: true)",
    "SGD(0.01, momentum: 0.8, dampening: 0.3)", "SGD(0.02, weight_decay: 0.1)", "AdaGrad(0.1)",
    "AdaGrad(0.1, decay: 0.5, weight_decay: 0.1)", "RMSprop(0.01)", "RMSprop(0.01, momentum: 0.9)",
    "RMSprop(0.01, centered: true)", "RMSprop(0.01, centered: true, momentum: 0.5, weight_decay: 0.01)",
    "Adam(0.01)", "Adam(0.01, amsgrad: true)", "Adam(0.01, weight_decay: 0.2)", "AdamW(0.01)",
    "AdamW(0.1, weight_decay: 0.5)", "Adam(0.01, clip: 0.5)", "SGD(0.01, clip_value: 0.3)",
    "SGD(cosine(0.1, steps: 10))",
  ]

  @Test("The table's rule gives the weight that the optimiser gave, and its every printed line holds", arguments: rules)
  func agreement(_ rule: String) throws {
    let session = Session(
      """
      J(w) = sum(sin(w)^2 * [3, 1, 0.2, 40, 7] + 0.1 * w)
      w = minimize(J, [0.3, -1.2, 2, 0.01, -0.4], optimizer: \(rule), steps: 6);
      """)
    let record = try #require(session.console.interpreter.optimizerRecord(of: "w"))
    let answer = try #require(try OptimizerAnswer(record, parameter: 0))
    for element in 0..<5 {
      let end = answer.rule.values(answer.start(element)).end
      let after = record.step.after[0][flat: element]
      #expect((end.after - after).magnitude <= 1e-12 * max(1, after.magnitude))
      let lines = PlainWriter(.plain).write(
        try #require(OptimizerLadder("w", [element], session.console.interpreter)).document())
      #expect(!lines.contains("≈"), "\(lines)")
      #expect(lines.split(separator: "\n").allSatisfy { String($0).displayWidth <= 80 })
    }
    #expect(session.answer(":optim").split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
  }

  @Test("After a training each parameter has its table, of many numbers four")
  func training() {
    let session = Session(
      "net = Dense(4, 16) >> relu >> Dense(16, 3);\nnet = train(net, iris(), optimizer: Adam(0.01), epochs: 2, batch: 50, seed: 1);"
    )
    let text = session.answer(":optim net[2].W")
    #expect(text.contains("step t = 6 of 6"))
    #expect(text.contains("net[2].W [16, 3], 48 numbers"))
    #expect(session.answer(":optim").contains("net[0].W [4, 16], 64 numbers"))
    #expect(session.error(":optim net[1].W") == "E0111")
  }

  @Test("A loop of updates leaves its last step")
  func updates() {
    let session = Session(
      """
      w = [1, 2]; opt = Adam(0.1);
      repeat 4 { w, opt = update(opt, w, 2w) }
      """)
    #expect(session.answer(":optim").contains("step t = 4 of 4"))
    #expect(OptimizerLadder("w", [1], session.console.interpreter) != nil)
    #expect(OptimizerLadder("w", [2], session.console.interpreter) == nil)
  }

  @Test("Without a step that still stands :optim says how to take one")
  func refusals() {
    let session = Session("x = 3;  w = minimize(w -> w^2, 1, steps: 1);  w = 2;")
    #expect(session.error(":optim") == "E0832")
    #expect(session.error(":optim w") == "E0832")
    #expect(session.error(":optim nonsense(") != nil)
    #expect(session.error(":optim x") == "E0832")
  }
}

extension OptimizerTests {
  @Test(":why works out what an optimiser made, by its number or as a whole")
  func why() {
    let session = Session(
      """
      J(w) = mean(([1, 2, 3] * w - [5, 7, 10])^2)
      w = minimize(J, 1, optimizer: Adam(0.01), steps: 2);
      v = minimize(x -> sum(x^2), [1, 2], optimizer: SGD(0.1), steps: 3);
      """)
    #expect(session.answer(":why w").hasPrefix("  step t = 2 of 2, Adam: η = 0.01"))
    #expect(session.answer(":why w").contains("= 0.01·(-23.2842) / (√542.270 + 1e-8)  = -0.0099989"))
    #expect(session.answer(":why v[1]").hasPrefix("  step t = 3 of 3, SGD: η = 0.1"))
    #expect(session.answer(":why v").hasPrefix("  SGD, step t = 3 of 3: η = 0.1"))
    #expect(session.error(":why v[2]") != nil)
    _ = session.answer("net = train(Dense(2, 2), ([1, 2; 3, 4], [0, 1]), epochs: 2);")
    #expect(session.answer(":why net[0].W[0,1]").hasPrefix("  step t = 2 of 2, Adam"))
  }
}
