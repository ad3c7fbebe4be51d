import Testing

@testable import Display

@Suite("Falk's scheme, stacks and windows")
struct SchemeTests {
  private let flowers = NumberGrid([[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]])
  private let weights = NumberGrid([[0.2, -0.5, 0.31], [-0.4, 0.1, -0.12], [0.6, 0.7, 0.77], [0.1, -0.2, 0.05]])
  private let product = NumberGrid([[0.48, -1.26, 2.249], [3.35, 0.56, 5.787]])
  private let z = NumberGrid([[0.58, -1.56, 2.349], [3.45, 0.26, 5.887]])
  private let h = NumberGrid([[0.58, 0, 2.349], [3.45, 0.26, 5.887]])

  private var scheme: FalkScheme {
    FalkScheme(
      left: flowers, "X [2, 4]", right: weights, "W [4, 3]", product: product, "X @ W",
      following: [
        .init("+", NumberGrid([[0.1, -0.3, 0.1]]), "b [3], to every row"), .init("=", z, "z [2, 3]"),
        .init("relu", h, "h [2, 3]"),
      ])
  }

  @Test("A matrix product is drawn as the screen of a dense layer draws it")
  func falk() {
    expect(
      scheme.drawing().document(),
      """
                                     ⎡  0.200  -0.500   0.310 ⎤
                                     ⎢ -0.400   0.100  -0.120 ⎥   W [4, 3]
                                     ⎢  0.600   0.700   0.770 ⎥
               X [2, 4]              ⎣  0.100  -0.200   0.050 ⎦
        ⎡ 5.1  3.5  1.4  0.2 ⎤       ⎡  0.480  -1.260   2.249 ⎤   X @ W
        ⎣ 6.2  3.4  5.4  2.3 ⎦       ⎣  3.350   0.560   5.787 ⎦
                                   + [  0.100  -0.300   0.100 ]   b [3], to every row
                                   = ⎡  0.580  -1.560   2.349 ⎤   z [2, 3]
                                     ⎣  3.450   0.260   5.887 ⎦
                                relu ⎡  0.580   0.000   2.349 ⎤   h [2, 3]
                                     ⎣  3.450   0.260   5.887 ⎦
      """)
  }

  @Test("In ASCII a scheme keeps its columns")
  func falkInASCII() {
    expect(
      scheme.drawing(Style(ascii: true)).document(),
      """
                                     [  0.200  -0.500   0.310 ]
                                     [ -0.400   0.100  -0.120 ]   W [4, 3]
                                     [  0.600   0.700   0.770 ]
               X [2, 4]              [  0.100  -0.200   0.050 ]
        [ 5.1  3.5  1.4  0.2 ]       [  0.480  -1.260   2.249 ]   X @ W
        [ 6.2  3.4  5.4  2.3 ]       [  3.350   0.560   5.787 ]
                                   + [  0.100  -0.300   0.100 ]   b [3], to every row
                                   = [  0.580  -1.560   2.349 ]   z [2, 3]
                                     [  3.450   0.260   5.887 ]
                                relu [  0.580   0.000   2.349 ]   h [2, 3]
                                     [  3.450   0.260   5.887 ]
      """)
  }

  @Test("A large product shows its corners and fits the screen")
  func largeFalk() {
    let left = NumberGrid(rows: 64, columns: 9216) { Double($0 + 1) / Double($1 + 3) }
    let right = NumberGrid(rows: 9216, columns: 128) { Double($0 - $1) / 9216.5 }
    let product = NumberGrid(rows: 64, columns: 128) { Double($0) - Double($1) / 7 }
    let scheme = FalkScheme(
      left: left, "x [64, 9216]", right: right, "W [9216, 128]", product: product, "x @ W",
      following: [.init("+", NumberGrid(rows: 1, columns: 128) { Double($1) / 3 }, "b [128], to every row")])
    let drawing = scheme.drawing(width: 78, height: 17)
    #expect(drawing.width <= 78)
    #expect(drawing.height <= 17)
    #expect(drawing.lines.contains { $0.text.contains("…") })
    #expect(scheme.drawing(width: 20).height == 1)
  }

  @Test("Elementwise rows stand below each other; a factor of zeros and ones keeps its own decimals")
  func stacks() {
    expect(
      MatrixStack([.init("relu", z, "z [2, 3]"), .init("=", h, "h [2, 3]")]).drawing().document(),
      """
        relu ⎡  0.580  -1.560   2.349 ⎤   z [2, 3]
             ⎣  3.450   0.260   5.887 ⎦
           = ⎡  0.580   0.000   2.349 ⎤   h [2, 3]
             ⎣  3.450   0.260   5.887 ⎦
      """)
    let incoming = NumberGrid([[-0.293282, 0.209487, 0.418974], [0.012426, -0.0088757, -0.017751]])
    let local = NumberGrid([[1, 0, 1], [1, 1, 1]])
    let outgoing = NumberGrid([[-0.293282, 0, 0.418974], [0.012426, -0.0088757, -0.017751]])
    expect(
      MatrixStack(
        [
          .init("incoming", incoming, "∂L/∂h, from step 2"),
          .init("⊙ local", local, "∂h/∂z: 1 where z > 0, else 0", hasOwnDecimals: true),
          .init("= outgoing", outgoing, "∂L/∂z, on to step 4"),
        ], leads: .left
      ).drawing().document(),
      """
        incoming       ⎡ -0.29328   0.20949   0.41897 ⎤   ∂L/∂h, from step 2
                       ⎣  0.01243  -0.00888  -0.01775 ⎦
        ⊙ local        ⎡  1         0         1       ⎤   ∂h/∂z: 1 where z > 0, else 0
                       ⎣  1         1         1       ⎦
        = outgoing     ⎡ -0.29328   0.00000   0.41897 ⎤   ∂L/∂z, on to step 4
                       ⎣  0.01243  -0.00888  -0.01775 ⎦
      """)
  }

  private let image = NumberGrid([[1, 2, 0, 3], [4, 1, 2, 1], [0, 3, 1, 2], [2, 1, 4, 0]])
  private let kernel = NumberGrid([[1, -1], [2, 1]])

  @Test("A window of a convolution is drawn as the screen of :why draws it")
  func window() {
    let window = WindowDrawing(image: image, rows: 1..<3, columns: 2..<4, kernel: (kernel, "w"))
    expect(
      window.drawing().document(),
      """
           1   2    0   3
                 ┌────────┐       patch           w           products
           4   1 │  2   1 │      ⎡ 2  1 ⎤  ⊙  ⎡  1  -1 ⎤  =  ⎡  2  -1 ⎤
           0   3 │  1   2 │      ⎣ 1  2 ⎦     ⎣  2   1 ⎦     ⎣  2   2 ⎦
                 └────────┘
           2   1    4   0
      """)
  }

  @Test("The output fills up beside the window, as the screen of :step draws it")
  func outputSoFar() {
    var window = WindowDrawing(image: image, rows: 1..<3, columns: 2..<4, kernel: (kernel, "w"))
    window.output = .init(NumberGrid([[8, 6, 2], [6, 6, 5], [2, 8, 7]]), "z", row: 1, column: 2)
    (window.gap, window.space) = (4, 1)
    // The screen has `products` a column further left than the window of :why has it.
    expect(
      window.drawing().document(),
      """
           1   2    0   3
                 ┌────────┐     patch         w         products     z so far
           4   1 │  2   1 │    ⎡ 2  1 ⎤ ⊙ ⎡  1  -1 ⎤ = ⎡  2  -1 ⎤     8   6   2
           0   3 │  1   2 │    ⎣ 1  2 ⎦   ⎣  2   1 ⎦   ⎣  2   2 ⎦     6   6  ▸5
                 └────────┘                                           ·   ·   ·
           2   1    4   0
      """)
  }

  @Test("A window of a pooling is a box alone, and marks its winner")
  func pooling() {
    let image = NumberGrid([[0, 3, 0, 1], [5, 0, 2, 2], [0, 5, 0, 0], [0, 0, 6, 0]])
    let window = WindowDrawing(image: image, rows: 0..<2, columns: 2..<4, winner: (1, 2))
    let drawing = window.drawing()
    expect(
      drawing.document(),
      """
                 ┌────────┐
           0   3 │  0   1 │
           5   0 │  2   2 │
                 └────────┘
           0   5    0   0
           0   0    6   0
      """)
    #expect(drawing.lines[2].spans.contains { $0.role == .result && $0.text == "2" })
  }

  @Test("A window over the edge counts zeros there, and shows them as dots")
  func edge() {
    let window = WindowDrawing(image: image, rows: -1..<1, columns: -1..<1, kernel: (kernel, "w"))
    let text = PlainWriter().write(window.drawing().document())
    #expect(text.contains("│  ·   1 │"), "\(text)")
    #expect(text.contains("⎣ 0  1 ⎦"), "\(text)")
  }

  @Test("A large image is shown around its box, inside the screen", arguments: [0, 13, 25])
  func largeImage(_ start: Int) {
    let image = NumberGrid(rows: 28, columns: 28) { Double($0 * 28 + $1) / 7 }
    var window = WindowDrawing(
      image: image, rows: start..<(start + 3), columns: start..<(start + 3),
      kernel: (NumberGrid(rows: 3, columns: 3) { Double($0 - $1) / 3 }, "w"))
    window.output = .init(NumberGrid(rows: 26, columns: 26) { Double($0 + $1) / 9 }, "z", row: start, column: start)
    for ascii in [false, true] {
      let drawing = window.drawing(width: 78, height: 17, Style(ascii: ascii))
      #expect(drawing.width <= 78)
      #expect(drawing.height <= 17)
    }
  }
}
