import Display
import Language

@testable import Shell

/// A session typed line by line, and what its last line shows: 80 columns, UTF-8, no colour.
struct Session {
  let console: Console

  /// - Parameter lines: typed one after the other; a failure ends the test's session with a trap, so that no test goes on with half of it.
  init(_ lines: String, width: Int = 80, ascii: Bool = false) {
    console = Console(settings: Settings(width: width, ascii: ascii))
    // What an example writes goes to a temporary folder.
    console.settings.isConfined = true
    for (input, _) in Interpreter.inputs(of: lines) {
      if let error = console.respond(to: input).error { fatalError("\(error) in \(input)") }
    }
  }

  /// The lines an input shows, spaces at their ends aside.
  func answer(_ input: String) -> String {
    console.respond(to: input).lines.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  func error(_ input: String) -> String? { console.respond(to: input).error }

  /// Two flowers, one hidden layer: the session F of the design.
  static let flowers = """
    X = [5.1, 3.5, 1.4, 0.2; 6.2, 3.4, 5.4, 2.3];  t = [0, 1];
    W = [0.2, -0.5, 0.31; -0.4, 0.1, -0.12; 0.6, 0.7, 0.77; 0.1, -0.2, 0.05];
    b = [0.1, -0.3, 0.1];
    V = [0.5, -0.2; 0.3, 0.8; -0.6, 0.4];  c = [0.2, -0.1];
    z = X @ W + b;  h = relu(z);  y = h @ V + c;
    L = cross_entropy(y, t)
    """

  /// The design's weights: `W[i,j] = 2/√(in+out)·sin(i² + 3j² + 5ij + l)`.
  static let weights = """
    layer(a, b, l) = { W[i,j] = 2/√(a+b) * sin(i^2 + 3*j^2 + 5*i*j + l) where i in 0..<a, j in 0..<b; W }
    X = iris().x / 8;  t = iris().y;
    """
}
