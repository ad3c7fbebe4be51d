/// Errors of names, shapes, values, files, limits, training and derivatives: E01xx to E07xx.
extension DiagnosticCode {
  static let evaluation: [DiagnosticCode] = [
    DiagnosticCode(
      "E0101", "an unknown name",
      "Nothing is bound to this name, and no built-in has it. Upper and lower case differ.",
      [Example("x = 3", "binds x"), Example(":vars", "what is bound")]),
    DiagnosticCode(
      "E0102", "a name without a value",
      "The name is bound later, or in a branch that was not taken.",
      [Example("s = 0; for t in 0..<3 { s = s + t }", "bound before the loop")]),
    DiagnosticCode(
      "E0104", "end outside of brackets",
      "end is the last index of an axis, inside the brackets of x[…].",
      [Example("y = x[end-1]")]),
    DiagnosticCode(
      "E0105", "a name that stands twice",
      "Fields and parameters have different names.",
      [Example("f(x, y) = x + y")]),
    DiagnosticCode(
      "E0107", "a command inside a program",
      "A command stands on a line of its own.",
      [Example(":vars")]),
    DiagnosticCode(
      "E0108", "names and values",
      "Several names on the left take as many values: from a list, a record, or along the first axis of "
        + "a tensor.",
      [Example("a, b = (1, 2)"), Example("a, b = [1, 2]")]),
    DiagnosticCode(
      "E0109", "what can be bound",
      "A name, a field, or a part named by one index.",
      [Example("net[0].W = zeros(2, 3)"), Example("θ.b = zeros(2)")]),
    DiagnosticCode(
      "E0110", "a part of a tensor",
      "Tensors never change; an equation makes a changed copy.",
      [Example("y[i] = if i == 0 then 5 else x[i]")], more: "index equations"),
    DiagnosticCode(
      "E0111", "an unknown field",
      "Records, networks, optimisers and datasets have fields; their echo shows which.",
      [Example("θ.W"), Example("net[0].W")]),
    DiagnosticCode(
      "E0201", "inner sizes",
      "A matrix product sums over the last axis of the left and the second-to-last of the right, so "
        + "these have the same size.",
      [Example("y = X @ Wᵀ", "if W was made the other way round")]),
    DiagnosticCode(
      "E0202", "shapes that do not fit",
      "Two shapes fit if they are equal, or one stretches to the other from the back: each axis equal, "
        + "1, or missing.",
      [Example("X + b", "[3, 2] and [2]")]),
    DiagnosticCode(
      "E0203", "an index with two sizes",
      "An index that stands bare in two places has one size, the same in both.",
      [Example("h[n,j] = ∑[i] X[n,i] * W[i,j]", "X : [n, i], W : [i, j]")], more: "index equations"),
    DiagnosticCode(
      "E0204", "a free index",
      "Every index on the right must be known: named on the left, or bound by a big operator. nabla "
        + "never sums over a repeated index by itself.",
      [
        Example("s[n]   = ∑[i] X[n,i] * w[i]", "sum it away, one number for each n"),
        Example("s[n,i] = X[n,i] * w[i]", "keep it, a product for each n and i"),
      ], more: "index equations"),
    DiagnosticCode(
      "E0205", "both would stretch",
      "One of two operands may stretch to the other's shape, never both: [3] and [3, 1] could mean every pair or one "
        + "by one. Say which.",
      [
        Example("broadcast(a, 3, 3) + b", "every pair: a is made a matrix first"),
        Example("a + b[:, 0]", "one by one: the column is made a vector"),
      ]),
    DiagnosticCode(
      "E0206", "an index outside",
      "Indices are whole numbers from 0 to the size of the axis less 1. They do not wrap: end reaches "
        + "from the back.",
      [Example("x[0]", "the first"), Example("x[end]", "the last"), Example("x[end-1]", "the one before")]),
    DiagnosticCode(
      "E0207", "an operation on the wrong kind of value",
      "Arithmetic works on numbers, tensors, and records or networks of them; >> joins functions and "
        + "layers.",
      [Example("f >> g"), Example("θ - 0.1 * g")]),
    DiagnosticCode(
      "E0208", "different structure",
      "Two records or networks are combined field by field, so they have the same fields and shapes.",
      [Example("θ - η * ∇J(θ)")]),
    DiagnosticCode(
      "E0209", "⁻¹ of a matrix",
      "It could mean the inverse, or one over each element.",
      [Example("B = inv(A)", "the inverse"), Example("B = 1/A", "each element")]),
    DiagnosticCode(
      "E0210", "a transposed vector",
      "A vector has one axis and nothing to exchange. Its transpose stands only in products.",
      [Example("s = wᵀ · x", "a number"), Example("D = δ · aᵀ", "the outer product")]),
    DiagnosticCode(
      "E0211", "products of numbers and tensors",
      "@ and · are the matrix product; a number multiplies with *.",
      [Example("y = 2 * X")]),
    DiagnosticCode(
      "E0212", "an unknown axis",
      "Axes count from 0; -1 is the last.",
      [Example("sum(X, axis: 0)"), Example("sum(X, axis: -1)")]),
    DiagnosticCode(
      "E0213", "a lost axis",
      "A reduction drops its axis, and unless it was the first one the result does not stretch back by "
        + "itself.",
      [Example("x - mean(x, axis: 1, keep: true)")]),
    DiagnosticCode(
      "E0214", "reshaping",
      "A new shape holds as many numbers as the old one.",
      [Example("reshape(x, 2, 3)", "6 numbers")]),
    DiagnosticCode(
      "E0215", "an impossible shape",
      "A tensor has at most 8 axes, sizes of 0 or more, and as many numbers as can be counted.",
      [Example("zeros(2, 3)")]),
    DiagnosticCode(
      "E0216", "more memory than allowed",
      "A tensor beyond the session's limit, alone or with all that are held, is refused before it is made.",
      [Example(":set memory 4G")]),
    DiagnosticCode(
      "E0217", "a wanted shape",
      "This operation, layer or field has a shape of its own.",
      [Example(":help conv2d", "the shapes of a built-in")]),
    DiagnosticCode(
      "E0218", "nothing to reduce",
      "The largest, the mean and the like are of at least one number.",
      [Example("sum([])", "0: a sum can be empty")]),
    DiagnosticCode(
      "E0219", "a window that does not fit",
      "The window of a convolution or a pooling lies inside the padded input.",
      [Example("conv2d(x, w, padding: \"same\")", "as many places as the input has")]),
    DiagnosticCode(
      "E0220", "a matrix that does not do",
      "Inverse, determinant and the like want a square matrix, the inverse one whose columns are independent.",
      [Example("inv([2, 0; 0, 4])")]),
    DiagnosticCode(
      "E0221", "rows that do not fit",
      "[a, b] stacks equal shapes; rows with ; hold numbers, all rows as many.",
      [Example("X = [1, 2; 3, 4]")]),
    DiagnosticCode(
      "E0222", "an index without a range",
      "An index has its range from what it indexes: x[i] gives i the size of the axis, x[i+k] gives the index still without a "
        + "range the largest that stays inside. Where nothing gives it one, it is said.",
      [
        Example("s[i] = i^2 where i in 0..<5", "on the left"),
        Example("s = ∑[k in 1...10] 1/k²", "under a sum"),
      ], more: "index equations"),
    DiagnosticCode(
      "E0223", "an index that does not begin at 0",
      "A tensor begins at place 0, so an index on the left does too. Shift the equation.",
      [Example("d[i] = x[i+1] - x[i]", "for d[i] = x[i] - x[i-1]")], more: "index equations"),
    DiagnosticCode(
      "E0224", "a letter that is an index and a number",
      "A letter bound to a number cannot also be an index where both could be meant. Take another letter, or put the number in "
        + "parentheses: δ[(L)] is the one place L.",
      [Example("δ[(L)] = y - t", "the value at place L"), Example("δ[l] = W[l]ᵀ · δ[l+1]", "for every l")],
      more: "index equations"),
    DiagnosticCode(
      "E0225", "a letter that is already an index",
      "Inside its own sum a letter cannot be bound again, and no letter stands twice on the left.",
      [Example("p[i,j] = exp(s[i,j]) / ∑[k] exp(s[i,k])", "another letter for the sum")], more: "index equations"),
    DiagnosticCode(
      "E0226", "the left side of an equation",
      "On the left stand index variables. Only the first place can be a number, a shifted index, or the variable of the loop.",
      [
        Example("z[i,j] = x[i] * y[j]", "an equation"), Example("h[-1] = zeros(4)", "a first value"),
        Example("h[t+1] = tanh(W · h[t]) where t in 0..<5", "a recurrence"),
      ], more: "index equations"),
    DiagnosticCode(
      "E0231", "a value not yet there",
      "The values of a sequence come one by one. What an equation reads must have been given, or computed before.",
      [Example("h[-1] = zeros(4)", "a first value"), Example("h[t] = tanh(W · h[t-1]) where t in 0..<5")],
      more: "sequences"),
    DiagnosticCode(
      "E0232", "an equation that looks both ways",
      "The values of a sequence come upward from first values, or downward from last ones. In its own equation a name means the "
        + "values being defined.",
      [
        Example("h[t] = tanh(W · h[t-1]) where t in 0..<5", "upward"),
        Example("δ[l] = W[l+1]ᵀ · δ[l+1] where l in 1..<L", "downward"),
      ], more: "sequences"),
    DiagnosticCode(
      "E0233", "a value given twice",
      "A first value stays as it is given; in a loop only the value of the current pass can be given again.",
      [Example("h[-1] = zeros(4)", "then t in 0..<T"), Example("h[0] = zeros(4)", "then t in 1..<T")],
      more: "sequences"),
    DiagnosticCode(
      "E0301", "not a function",
      "Only functions, networks and layers are called. A product needs its *.",
      [Example("y = a * (b + c)")]),
    DiagnosticCode(
      "E0302", "arguments",
      "Arguments stand in the order of the parameters, or with their names; those without a value of "
        + "their own must be given.",
      [Example("sum(X, axis: 1, keep: true)")]),
    DiagnosticCode(
      "E0303", "an argument's value",
      "The built-in wants another kind of value here.",
      [Example(":help reshape", "what each argument is")]),
    DiagnosticCode(
      "E0304", "no value",
      "Loops, print and the like give nothing that could be kept.",
      [Example("y = x^2")]),
    DiagnosticCode(
      "E0305", "what a loop runs through",
      "for runs through a range, a tensor's first axis, a list, or batches; repeat wants a whole "
        + "number.",
      [Example("for t in 0..<3 { print(t) }"), Example("repeat 3 { x = x/2 }")]),
    DiagnosticCode(
      "E0306", "a condition",
      "if with { } and while want one number: 0 is no, all else yes. A tensor of conditions chooses "
        + "with if, then, else.",
      [Example("if all(x > 0) { y = 1 }"), Example("y = if x > 0 then x else 0", "elementwise")]),
    DiagnosticCode(
      "E0307", "a derivative by hand",
      "It is given for a function of one argument.",
      [Example("f'(x) = if x ≥ 0 then 1 else 0")]),
    DiagnosticCode(
      "E0308", "no history",
      "Only a network that was trained has a curve.",
      [Example("history(net)")]),
    DiagnosticCode(
      "E0401", "a file",
      "The file is not there, cannot be read, or is not what its name says.",
      [Example("d = csv(\"data/iris.csv\")")]),
    DiagnosticCode(
      "E0402", "a file outside the folder",
      "A session that is checked or replayed reads and writes only in its own folder, unless --allow-files lets it.",
      [Example("save(\"weights.nabla\", 1)")]),
    DiagnosticCode(
      "E0501", "endless calls",
      "A function that calls itself needs a case that does not.",
      [Example("f(n) = if n == 0 then 1 else n * f(n - 1)")]),
    DiagnosticCode(
      "E0601", "stopped",
      "Ctrl-C stops the line; what was bound before it stays.",
      []),
    DiagnosticCode(
      "E0602", "a loss that is not a number",
      "A step gave nan or ∞, so it was not taken: the network is as it was before. A smaller rate or a "
        + "loss that subtracts the maximum helps.",
      [Example("train(net, d, loss: cross_entropy, optimizer: SGD(0.01))")]),
    DiagnosticCode(
      "E0603", "time that is used up",
      "nabla --time SECONDS gives a script or a checked file so long, and each line of a session or of one that is played; "
        + "what runs then is stopped.",
      []),
    DiagnosticCode(
      "E0701", "a derivative that is not there",
      "∂y/∂x is of a name computed from the other, f' and ∇f are of functions. The notes list what the name was computed "
        + "from.",
      [Example("x = 3; y = x^2; ∂y/∂x", "y was computed from x"), Example("f(x) = x^2; f'(3)", "of a function")]),
    DiagnosticCode(
      "E0702", "derivatives by numbers only",
      "Derivatives are by tensors, numbers, and records or networks of them.",
      [Example("∂L/∂W")]),
    DiagnosticCode(
      "E0703", "one number",
      "A gradient is that of one number; a mean or a sum makes one of many.",
      [Example("∇(w -> sum(f(w)^2))(w)")]),
    DiagnosticCode(
      "E0704", "an elementwise derivative",
      "f' is for functions that treat each element alone. For others there are ∇ and jacobian.",
      [Example("relu'(z)"), Example("jacobian(f, x)")]),
    DiagnosticCode(
      "E0705", "another value of the name",
      "∂y/∂x is by the x that is bound now. If x was bound again after y was computed, run the lines that compute y again.",
      [Example("x = 3; y = x^2; x = 4; y = x^2; ∂y/∂x", "y again, with the new x")]),
    DiagnosticCode(
      "E0706", "where a derivative ends",
      "Comparisons, argmax, rounding and whole-number indices have no derivative, and ∂ does not go through a training. "
        + "What is computed from them alone does not change when x changes a little.",
      [Example("x = [1, 3]; y = max(x); ∂y/∂x", "the place of the largest has none")]),
    DiagnosticCode(
      "E0707", "no longer remembered",
      "A line remembers what it used, inside a loop until the next pass; of names bound again the last 10 000 values are "
        + "kept, and 1 GiB of them.",
      [Example("x = 2; s = 0; for t in 0..<3 { s = s + x^t }; ∂s/∂x", "every pass")]),
    DiagnosticCode(
      "E0708", "a line that is running",
      "∂ goes through statements that have ended. In a loop it stands in the block that binds the names.",
      [Example("w = 5; repeat 3 { L = (w - 1)^2; w = w - 0.1 * ∂L/∂w }")]),
  ]
}
