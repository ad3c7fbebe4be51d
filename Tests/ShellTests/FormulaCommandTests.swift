import Display
import Formulary
import Language
import Testing

@testable import Shell

@Suite("The catalogue at the prompt")
struct FormulaCommandTests {
  static func answer(_ inputs: String..., ascii: Bool = false) -> (text: String, error: String?) {
    let console = Console(settings: Settings(ascii: ascii))
    for input in inputs.dropLast() { _ = console.respond(to: input) }
    let answer = console.respond(to: inputs.last!)
    return (
      answer.lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n"),
      answer.error
    )
  }

  @Test("draws Adam's formula in both forms, and their numbers side by side")
  func adam() {
    #expect(
      Self.answer(":formula D5.adam.w").text == """
          Adam: the new weights                               D5 §3.3 · wrong as printed

            as printed                              right
                                mₜ                                  m̂ₜ
            wₜ₊₁ = wₜ - η ──────────────            wₜ₊₁ = wₜ - η ───────
                          √(1 - β₂ᵗ) + ε                          √v̂ₜ + ε

          wrong    The root holds 1 - β₂ᵗ where v̂ₜ belongs, so v has no effect: the step
                   grows with the gradient instead of being the same for every weight.
          symbols  w, m, v : [n]    m̂ₜ = mₜ/(1 - β₁ᵗ)    v̂ₜ = vₜ/(1 - β₂ᵗ)
                   η > 0 rate       β₁, β₂ in [0, 1)     ε > 0, against division by 0
          type it  w[t+1] = w[t] - η * m̂[t] / (√v̂[t] + ε)

          both on  w₁ = [0, 0], g = [1, 0.01] each time, η = 0.001, β₁ = 0.9, β₂ = 0.999

                 as printed  w[0]          w[1]    right  w[0]         w[1]
            w₂            -0.031623   -0.00031623     -0.0010000   -0.0010000
            w₃            -0.053989   -0.00053989     -0.0020000   -0.0020000
            w₄            -0.072256   -0.00072256     -0.0030000   -0.0030000
            first step      31.6·η       0.316·η         1.00·η       1.00·η

          other numbers:  :formula D5.adam.w with g: [2, -1], η: 0.1
        """)
  }

  @Test("draws a convolution that is too wide to stand side by side, and shows its symptom")
  func convolution() {
    #expect(
      Self.answer(":formula D1.conv").text == """
          convolution of one image                            D1 §3.3 · wrong as printed

          as printed       K     s-1
                    z   =  ∑      ∑      x          w
                     ij   k=1  l=-(s-1)   k+l, j+i   kl

          right                  C    K    K
                    z    = b  +  ∑    ∑    ∑   x                          w
                     oij    o   c=1  m=1  n=1   c, S(i-1)+m-P, S(j-1)+n-P  ocmn

          wrong    x's row k+l has no i, its column j+i no k or l: the sum runs down one
                   column, and z depends on i+j alone. K and s are not defined.
          symbols  x [C, H, W], 0 outside  w [O, C, K, K]  b [O]  S stride  P padding
          type it  z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]            from 0, one channel

          both on  x, b = 0;  printed K = 2, s = 1, w = [1; 2];  right w = [1, -1; 2, 1]

                 x               as printed            right
          ⎡ 1  2  0  3 ⎤                            ⎡ 8  6  2 ⎤
          ⎢ 4  1  2  1 ⎥          ⎡ 4  4 ⎤          ⎢ 6  6  5 ⎥
          ⎢ 0  3  1  2 ⎥          ⎣ 4  5 ⎦          ⎣ 2  8  7 ⎦
          ⎣ 2  1  4  0 ⎦

          the sign of it:  z₁₂ = z₂₁ = 4 as printed, every anti-diagonal is one number
        """)
  }

  @Test("lists a document, its code folded by verdict")
  func list() {
    #expect(
      Self.answer(":formulas D5").text == """
          14 of 61:  ✓ correct   ✗ wrong   ~ ambiguous   + ours, none printed
          ✓ D5.gd            gradient descent            w - α·∇J(w)
          + D5.sgd           stochastic, one sample      w - α·∇J[i](w)
          ✓ D5.adam.m        Adam, mean of g             β₁·m + (1 - β₁)·g
          ✓ D5.adam.v        Adam, mean of g²            β₂·v + (1 - β₂)·g²
          ✗ D5.adam.mhat     Adam, bias of m             m / (1 - β₁ᵗ)
          ✗ D5.adam.vhat     Adam, bias of v             v / (1 - β₂ᵗ)
          ✗ D5.adam.w        Adam, new weights           w - η·m̂ / (√v̂ + ε)
          ✓ D5.code.…        data  forward  loss         3 more
          ✗ D5.code.…        gd  sgd  adam  train        4 more
          :formula ID draws one · :formulas adam · :formulas wrong · :formulas all
        """)
    let wrong = Self.answer(":formulas wrong").text
    #expect(wrong.split(separator: "\n").count { $0.hasPrefix("  ✗ ") } == 19)
    #expect(Self.answer(":formulas all").text.split(separator: "\n").count == 63)
    #expect(Self.answer(":formulas").text.split(separator: "\n").count == 19)
  }

  @Test("has cards and lists that fit the screen, in Unicode and in ASCII", arguments: [false, true])
  func fits(ascii: Bool) {
    let cards = Formulary.all.map { ":formula \($0.id)" }
    let lists = (Formulary.documents + Theme.allCases.map(\.rawValue) + ["wrong", "code", "all", ""]).map {
      ":formulas \($0)"
    }
    for input in cards + lists {
      let (text, error) = Self.answer(input, ascii: ascii)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(error == nil)
      #expect(lines.allSatisfy { String($0).displayWidth <= 80 }, "\(input)\n\(text)")
      #expect(lines.count <= 24 || input.hasSuffix("all") || input.hasSuffix("code") || ascii, "\(input)\n\(text)")
      #expect(!ascii || text.utf8.allSatisfy { $0 < 0x80 }, "\(input)\n\(text)")
    }
  }

  @Test("evaluates both forms on the reader's numbers", arguments: Formulary.all.filter { $0.offer != nil })
  func own(entry: Entry) {
    let (text, error) = Self.answer(":formula \(entry.id) with \(entry.offer!)")
    #expect(error == nil)
    #expect(!text.contains("other numbers"))
    let failed = text.split(separator: "\n").filter { $0.contains("error E") }.count
    #expect(failed == (entry.printed?.failing == nil ? 0 : 1), "\(text)")
  }

  @Test("takes numbers from the session, and names however they are typed")
  func session() {
    let own = Self.answer("mine = [2, -1];", ":formula D5.adam.w with g: mine, eta: 0.1").text
    #expect(own.contains("both on  w₁ = [0, 0], g = mine each time, η = 0.1, β₁ = 0.9, β₂ = 0.999"))
    #expect(own.contains("-0.10000    0.10000"))
    #expect(Self.answer("w = [1, 2];  x = [3, 4];", ":formula D1.linreg").text.hasSuffix("D1.linreg with w, x"))
    #expect(Self.answer("w = [1, 2];", ":formula D1.linreg").text.hasSuffix("D1.linreg with x: [1, 1, 1]"))
    let bare = Self.answer("g = [2, -1];  η = 0.05;", ":formula D5.adam.w with g, η: 2η").text
    #expect(bare.contains("both on  w₁ = [0, 0], g = [2, -1] each time, η = 2η, β₁ = 0.9, β₂ = 0.999"))
    #expect(bare.contains("-0.10000    0.10000"))
  }

  @Test(
    "says what is wrong with what was asked",
    arguments: [
      (":formula", "E0804", "wants the id"), (":formula D5.adam", "E0806", ":formula D5.adam.m"),
      (":formula D5.adamw", "E0806", ":formula D5.adam.w"), (":formula D9.conv", "E0806", ":formula D1.conv"),
      (":formula zzz", "E0806", ":formulas"), (":formula D1.conv x: 1", "E0804", "stands with"),
      (":formula D5.gd with q: 1", "E0806", "J, w_old, α"), (":formula D5.gd with 1", "E0804", "no name"),
      (":formula D5.gd with α: ", "E0", ""), (":formula D5.gd with α: [1", "E0", ""),
      (":formulas recurence", "E0806", ":formulas recurrence"), (":formulas qqqq", "E0806", ":formulas"),
    ])
  func errors(input: String, code: String, part: String) {
    let (text, error) = Self.answer(input)
    #expect(error?.hasPrefix(code) == true, "\(text)")
    #expect(text.contains(part), "\(text)")
  }

  @Test("draws the formula of every built-in in its help")
  func help() throws {
    for builtin in BuiltinCatalogue.all {
      let (text, error) = Self.answer(":help \(builtin.name)")
      #expect(error == nil && !text.contains("\\"), "\(text)")
      #expect(text.split(separator: "\n").allSatisfy { String($0).displayWidth <= 80 }, "\(text)")
    }
    #expect(
      Self.answer(":help layer_norm").text.contains(
        """
                        x - μ
          formula     γ ───────── + β
                        √(σ² + ε)
        """))
  }

  @Test("completes ids, with what they are")
  func completion() {
    let assistant = Console(settings: Settings()).assistant
    let completion = assistant.completion(":formula D5.ad", cursor: 14)
    #expect(completion.candidates.map(\.text) == ["m", "v", "mhat", "vhat", "w"].map { "D5.adam." + $0 })
    #expect(completion.candidates.last?.summary == "Adam: the new weights")
    #expect(assistant.completion(":formulas att", cursor: 13).candidates.map(\.text) == ["attention"])
  }

  @Test("shows where the reader's numbers do not fit")
  func misfit() {
    let text = Self.answer(":formula D1.linreg with x: [1, 2]").text
    #expect(text.contains("error E"))
    #expect(Self.answer(":formula D5.gd with α: nothing_there").text.contains("error E0101"))
  }
}
