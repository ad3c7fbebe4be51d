import Testing

@testable import Display

@Suite("Drawings")
struct DrawingTests {
  @Test("Matrices stand in brackets, side by side, as the convolution screen draws them")
  func matrices() {
    func matrix(_ numbers: [[Double]], _ style: Style = .plain) -> Drawing {
      .matrix(rows: 2, columns: 2, style) { numbers[$0][$1] }
    }
    let parts = [
      matrix([[2, 1], [1, 2]]), Drawing(["⊙", ""]), matrix([[1, -1], [2, 1]]), Drawing(["=", ""]),
      matrix([[2, -1], [2, 2]]),
    ]
    expect(
      Drawing.beside(parts, gap: 2).document(),
      """
        ⎡ 2  1 ⎤  ⊙  ⎡  1  -1 ⎤  =  ⎡  2  -1 ⎤
        ⎣ 1  2 ⎦     ⎣  2   1 ⎦     ⎣  2   2 ⎦
      """)
    expect(matrix([[2, 1], [1, 2]], Style(ascii: true)).document(), "  [ 2  1 ]\n  [ 1  2 ]")
    expect(Drawing.matrix(rows: 1, columns: 3, decimals: 3) { Double($1) }.document(), "  [ 0.000  1.000  2.000 ]")
  }

  @Test("A quotient is centred over its rule, as the softmax screen draws it")
  func quotient() {
    let quotient = Drawing.quotient(Drawing("exp(2 - 2)"), Drawing("∑[k] exp(z[k] - 2)"))
    expect(
      Drawing.beside([Drawing("s[0] ="), quotient, Drawing("= 0.65900")]).document(indent: 3),
      """
                    exp(2 - 2)
         s[0] = ────────────────── = 0.65900
                ∑[k] exp(z[k] - 2)
      """)
  }

  @Test("A ladder has its signs under each other, in UTF-8 and in ASCII")
  func ladder() {
    var ladder = Ladder(
      "∂L/∂W[0,2]",
      [
        .init("∑[n] X[n,0]·δ[n,2]"), .init("5.1·0.41897 + 6.2·(-0.017751)"), .init("2.1368 - 0.1101"),
        .init("\("2.0267", .result)", remark: "central difference 2.0267 ✓"),
      ], remarkColumn: 49)
    expect(
      ladder.document(),
      """
        ∂L/∂W[0,2] = ∑[n] X[n,0]·δ[n,2]
                   = 5.1·0.41897 + 6.2·(-0.017751)
                   = 2.1368 - 0.1101
                   = 2.0267                            central difference 2.0267 ✓
      """)
    ladder.remarkColumn = 51
    expect(
      ladder.document(Style(ascii: true)),
      """
        partial(L, W)[0,2] = sum[n] X[n,0]*delta[n,2]
                           = 5.1*0.41897 + 6.2*(-0.017751)
                           = 2.1368 - 0.1101
                           = 2.0267                      central difference 2.0267 ok
      """, Style(ascii: true))
  }

  @Test("HTML gives every role a class and escapes everything else")
  func html() {
    let line: Line = "a < b & \("\"c\"\u{1B}", .error)"
    #expect(HTMLWriter().write(line) == "a &lt; b &amp; <span class=\"error\">&quot;c&quot;␛</span>")
    for role in Role.allCases where role.rendition != nil {
      #expect(HTMLWriter.styleSheet.contains(".\(role)"))
    }
  }
}
