import Display
import Testing

@Suite("A formula on the numbers of the session")
struct LiveFormulaTests {
  @Test("Adam's formula takes the gradient and the weights of the last step")
  func adam() {
    let session = Session(
      """
      J(w) = 2 * w[0] - w[1]
      w = minimize(J, [1, 1], optimizer: Adam(0.1), steps: 1);
      """)
    let card = session.answer(":formula D5.adam.w")
    #expect(card.contains("w₁ = [1, 1], g = [2, -1] each time, η = 0.1"))
    #expect(card.contains("your numbers:  step 1 of w, line 2    :formula D5.adam.w example"))
    // The right form's first step is the one that was taken.
    #expect(card.contains("0.90000     1.1000") && session.answer("w[0]").hasPrefix("ans = 0.9"))
    #expect(session.answer(":formula D5.adam.w example").contains("g = [1, 0.01] each time, η = 0.001"))
  }

  @Test("Attention, losses, windows, an LSTM and a layer are shown on what the session gave them")
  func calls() {
    let session = Session(
      """
      Q = [1, 0; 0, 1];  K = [1, 1; 0, 2];  V = [1, 2; 3, 4];
      c = attention(Q, K, V);
      e = mse([1, 2, 4], [1, 1, 1]);
      E = cross_entropy([2, 1, 0.5], 1);
      x = [1, 2, 3; 4, 5, 6; 7, 8, 9];  w = [1, 0; 0, -1];
      z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l];
      """)
    #expect(session.answer(":formula D3.attn").contains("your numbers:  line 2"))
    #expect(session.answer(":formula D1.mse").contains("your numbers:  line 3"))
    #expect(session.answer(":formula D1.mse").contains("J = 3.3333"))
    #expect(session.answer(":formula D1.ce").contains("your numbers:  line 4"))
    #expect(session.answer(":formula D4.conv").contains("your numbers:  line 6"))
    _ = session.answer("demo(\"lstm\")")
    #expect(session.answer(":formula D4.lstm.C").contains("your numbers:"))
    for id in ["D3.attn", "D1.mse", "D1.ce", "D4.conv", "D4.lstm.C"] {
      let lines = session.answer(":formula \(id)").split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.allSatisfy { String($0).displayWidth <= 80 }, "\(id)")
    }
  }

  @Test("A session that has run nothing sees the card's own numbers")
  func example() {
    let session = Session("y = 3")
    #expect(!session.answer(":formula D5.adam.w").contains("your numbers"))
    #expect(session.answer(":formula D5.adam.w").contains("g = [1, 0.01]"))
  }

  @Test("Numbers too many to read leave the card as it is")
  func large() {
    let session = Session("e = mse(randn(100), randn(100));  r = relu(randn(50));")
    #expect(!session.answer(":formula D1.mse").contains("your numbers"))
    #expect(!session.answer(":formula D4.relu").contains("your numbers"))
  }
}
