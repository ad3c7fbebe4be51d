/// Errors of the text: E00xx.
extension DiagnosticCode {
  static let syntax: [DiagnosticCode] = [
    DiagnosticCode(
      "E0001", "an unreadable character",
      "A program is made of letters, digits and the signs of the language. Other characters, quotes "
        + "from a text processor, and invisible ones are not guessed at.",
      [Example("s = \"iris\"", "straight quotes"), Example("# \\alpha, then Tab, types α")]),
    DiagnosticCode(
      "E0002", "not UTF-8",
      "Text is read as UTF-8. These bytes are no character of it: the file was written in another "
        + "encoding, or is no text.",
      []),
    DiagnosticCode(
      "E0003", "an open string",
      "A string ends at the next \". Inside it, \\\" is a quote.",
      [Example("s = \"a \\\"word\\\"\"", "a quote inside")]),
    DiagnosticCode(
      "E0004", "an unknown escape",
      "After a backslash in a string stands one of \" \\ n t.",
      [Example("s = \"a\\tb\\n\"", "a tab and a new line"), Example("f = \"C:\\\\data\"", "a backslash")]),
    DiagnosticCode(
      "E0005", "a number that cannot be read",
      "Numbers are decimal, with a digit after the point, below 1.8e308.",
      [Example("x = 1.0", "not 1."), Example("x = 255", "not 0xFF"), Example("x = 6.02e23")]),
    DiagnosticCode(
      "E0006", "raised signs",
      "An exponent in raised signs is one number or one letter, perhaps with a minus. Anything longer "
        + "is written with ^.",
      [Example("y = x² + x⁻¹"), Example("y = x^(n+1)", "not xⁿ⁺¹")]),
    DiagnosticCode(
      "E0007", "something is missing",
      "An operator has a value on both sides; a line may end in an operator, and then goes on in the "
        + "next one.",
      [Example("y = a + b"), Example("z = ∑[k] w[k]", "an index, then a term")]),
    DiagnosticCode(
      "E0008", "something that cannot stand here",
      "The line can be read up to this place, and no further.",
      [
        Example("y = 1 + (if a > 0 then a else b)", "if and not need parentheses inside"),
        Example("y = x[end]", "end stands only inside [ ]"),
      ]),
    DiagnosticCode(
      "E0009", "a bracket that is not closed",
      "Every ( [ { has its ) ] }. Inside ( ) and [ ] lines go on; entries have commas between them.",
      [Example("y = f(a, b)"), Example("X = [1, 2; 3, 4]")]),
    DiagnosticCode(
      "E0010", "brackets that do not match",
      "A bracket is closed by its own kind, and in the opposite order of opening.",
      [Example("y = f(x[0])")]),
    DiagnosticCode(
      "E0011", "too deep",
      "Brackets stand at most 100 levels inside each other, and at most 500 operations in a row, so "
        + "that nothing can exhaust the machine.",
      [Example("s = sum([a, b, c])", "instead of a long a + b + c"), Example("z = ∑[k] w[k]*x[k]")]),
    DiagnosticCode(
      "E0012", "no operator between",
      "Two values side by side are neither a product nor a call; only a number that touches a name is a "
        + "product.",
      [Example("y = a * x"), Example("y = 3x", "3 * x"), Example("y = sin(x)")]),
    DiagnosticCode(
      "E0013", "a space before a bracket",
      "A call and an element are written without a space, so that f (x) is not taken for what it is "
        + "not.",
      [Example("y = f(x)", "a call"), Example("y = h * (x)", "a product"), Example("y = x[0]")]),
    DiagnosticCode(
      "E0014", "two readings",
      "A line that readers take in two ways is refused, because a wrong guess would be a wrong number. "
        + "Say which one is meant.",
      [
        Example("y = 1/(2x)", "or 1/2 * x, not 1/2x"), Example("y = x^(2y)", "or x^2 * y, not x^2y"),
        Example("y = f(x)²", "not f²(x)"), Example("G = (∂L/∂W)ᵀ", "not ∂L/∂Wᵀ"),
      ]),
    DiagnosticCode(
      "E0015", "a chain of comparisons",
      "A comparison gives 0 or 1, so a < b < c would compare that with c. Say both.",
      [Example("a < b and b < c")]),
    DiagnosticCode(
      "E0016", "= and ==",
      "= binds a name, == compares. There is one = in a statement.",
      [Example("x = 3"), Example("if x == 3 { y = 1 }")]),
    DiagnosticCode(
      "E0017", "a list needs brackets",
      "Values with commas stand in brackets: ( ) for a list of anything, [ ] for a tensor. Several "
        + "names take one value each, or the parts of one.",
      [
        Example("p = (a, b)", "a list"), Example("v = [1, 2]", "a tensor"),
        Example("a, b = b, a", "two names, two values"),
      ]),
    DiagnosticCode(
      "E0018", "the left of =",
      "Left of = stands a name, a name with indices, a field, or a function with its parameters.",
      [Example("x = 3"), Example("z[i,j] = x[i] * y[j]"), Example("θ.W = zeros(2)"), Example("f(x, η: 0.1) = x^2 + η")]),
    DiagnosticCode(
      "E0019", "a reserved word",
      "The words of the grammar, of the big operators, grad and partial cannot be names. No name stands "
        + "twice in one list of names.",
      [Example("total = sum(x)", "not sum = sum(x)")]),
    DiagnosticCode(
      "E0020", "a place on the left",
      "In the brackets on the left stand indices that may be shifted, whole numbers, or an expression "
        + "in parentheses for one place.",
      [
        Example("h[t+1] = f(h[t])", "every t"), Example("h[-1] = zeros(4)", "a first value"),
        Example("δ[(L)] = a", "at the number L"),
      ], more: "index equations"),
    DiagnosticCode(
      "E0021", "names of fields",
      "A record names every field; a list names none. T is the transpose and no field.",
      [Example("θ = (W: randn(3,2), b: zeros(2))", "a record"), Example("p = (a, b)", "a list")]),
    DiagnosticCode(
      "E0022", "blocks and choices",
      "Steps stand in { }, which opens on the line of its for, while, repeat, if; else stands beside "
        + "the }. A value is chosen with if, then and else, all three.",
      [
        Example("for t in 0..<3 { s = s + t }"), Example("if a > b { m = a } else { m = b }", "steps"),
        Example("m = if a > b then a else b", "a value"),
      ]),
    DiagnosticCode(
      "E0023", "left of ->",
      "Left of -> stand names: one, or several in parentheses.",
      [Example("f = x -> x^2"), Example("g = (x, y) -> x + y")]),
    DiagnosticCode(
      "E0024", "another language's notation",
      "The sign means something elsewhere, and is written otherwise here.",
      [
        Example("y = x^2", "not x**2"), Example("x = x + 1", "not x += 1"), Example("y = x[0..<3]", "not x[0:3]"),
        Example("y = f(a, axis: 0)", "not axis=0"),
      ]),
    DiagnosticCode(
      "E0025", "where",
      "where says the ranges of the indices on the left. It stands at the end of the line of an index "
        + "equation.",
      [Example("y[i] = x[i+1]  where i in 0..<3")], more: "index equations"),
    DiagnosticCode(
      "E0026", "a command inside",
      "Commands begin with : or ? and stand on a line of their own, outside of brackets.",
      [Example(":vars")]),
  ]
}
