import Tensors

extension BuiltinCatalogue {
  /// Vectors and matrices.
  static let algebra: [Builtin] = [
    Builtin(
      "dot(a, b)", .algebra, "The sum of the products of two vectors.", formula: "\\sum_i a_i b_i",
      shapes: "[n], [n] → a number",
      derivative: "b by a, a by b",
      example: ("dot([1, 2], [3, 4])", "11")
    ) { call in
      let (a, b) = (try call.tensor(0), try call.tensor(1))
      guard a.rank == 1 else { throw ShapeError.rank(a.shape, expected: "a vector") }
      guard b.rank == 1 else { throw ShapeError.rank(b.shape, expected: "a vector") }
      return Value(try a.product(b))
    },
    Builtin(
      "outer(a, b)", .algebra, "Every product of an element of one vector with one of another; also a · bᵀ.",
      formula: "C_{ij} = a_i b_j", shapes: "[m], [n] → [m, n]", derivative: "b by a, a by b",
      example: ("outer([1, 2], [3, 4])", "[3, 4; 6, 8]")
    ) { call in
      let (a, b) = (try call.tensor(0), try call.tensor(1))
      guard a.rank == 1 else { throw ShapeError.rank(a.shape, expected: "a vector") }
      guard b.rank == 1 else { throw ShapeError.rank(b.shape, expected: "a vector") }
      return Value(
        try Multiply().apply(a.reshaped(to: [a.count, 1]), try Broadcast(to: [a.count, b.count]).apply([b])))
    },
    Builtin(
      "trace(A)", .algebra, "The sum of the diagonal.", formula: "\\sum_i A_{ii}", shapes: "[n, n] → a number",
      derivative: "I",
      example: ("trace([1, 2; 3, 4])", "5")
    ) { call in
      let a = try call.square(0)
      return Value(
        try Engine.sum(
          try AffineView(extents: [a.shape[0]], offsets: [0, 0], coefficients: [[1], [1]]).apply(a), nil, false))
    },
    Builtin(
      "det(A)", .algebra, "The determinant.", formula: "\\det A", shapes: "[n, n] → a number",
      derivative: "\\det(A) A^{-T}, by cofactors where A has no inverse",
      example: ("det([1, 2; 3, 4])", "-2")
    ) { call in Value(try Determinant().apply(try call.square(0))) },
    Builtin(
      "inv(A)", .algebra, "The inverse of a matrix; also 1/A is one over each element.", formula: "A^{-1}",
      shapes: "[n, n] → [n, n]",
      derivative: "-A^{-1}\\, dA\\, A^{-1}",
      example: ("inv([2, 0; 0, 4])", "[0.5, 0; 0, 0.25]")
    ) { call in Value(try Inverse().apply(try call.square(0))) },
    Builtin(
      "solve(A, b)", .algebra, "The x for which A @ x is b.", formula: "x = A^{-1} b",
      shapes: "A: [n, n], b: [n] or [n, m]",
      derivative: "A^{-T} g by b, -A^{-T} g\\, x^T by A",
      example: ("solve([2, 0; 0, 4], [2, 8])", "[1, 2]")
    ) { call in
      let (a, b) = (try call.square(0), try call.tensor(1))
      return Value(try Solve().apply(a, b))
    },
    Builtin(
      "cholesky(A)", .algebra, "The lower triangle L with A = L @ Lᵀ.", formula: "A = L L^T",
      shapes: "[n, n], symmetric, positive",
      derivative: "exact (Murray 2016); the flow to A is symmetric",
      example: ("cholesky([4, 2; 2, 5])", "[2, 0; 1, 2]")
    ) { call in Value(try Cholesky().apply(try call.square(0))) },
    Builtin(
      "qr(A)", .algebra, "Orthonormal columns Q and an upper triangle R with a positive diagonal, whose product is A.",
      formula: "A = Q R, \\quad Q^T Q = I", shapes: "[m, n], m ≥ n → ([m, n], [n, n])",
      derivative: "exact (Walter and Lehmann 2010), where the columns are independent",
      example: ("qr([3, 1; 4, 2])", "([0.6, -0.8; 0.8, 0.6], [5, 2.2; 0, 0.4])")
    ) { call in
      let (q, r) = try call.tensor(0).qr()
      return .list([Value(q), Value(r)])
    },
    Builtin(
      "svd(A)", .algebra,
      "Orthonormal columns U and V and the singular values s, the largest first, with A = U @ diag(s) @ Vᵀ.",
      formula: "A = U \\mathrm{diag}(s) V^T",
      shapes: "[m, n] → (U: [m, k], s: [k], V: [n, k]), k the smaller of m and n",
      derivative: "exact (Townsend 2016); of the vectors where the singular values differ and are not 0",
      example: ("svd([0, 2; 1, 0])", "([1, 0; 0, 1], [2, 1], [0, 1; 1, 0])")
    ) { call in
      let (u, s, v) = try call.tensor(0).svd()
      return .list([Value(u), Value(s), Value(v)])
    },
    Builtin(
      "eigh(A)", .algebra,
      "The eigenvalues of a symmetric matrix, the smallest first, and its eigenvectors as columns.",
      formula: "A V = V \\mathrm{diag}(\\lambda), \\quad V^T V = I",
      shapes: "[n, n] → ([n], [n, n]); of another matrix the symmetric part is taken",
      derivative: "exact; of the vectors where the eigenvalues differ; the flow to A is symmetric",
      example: ("eigh([2, 1; 1, 2])[0]", "[1, 3]")
    ) { call in
      let (values, vectors) = try call.square(0).eigh()
      return .list([Value(values), Value(vectors)])
    },
  ]
}

extension BuiltinCall {
  func square(_ index: Int) throws -> Tensor {
    let a = try tensor(index)
    guard a.rank == 2 else { throw ShapeError.rank(a.shape, expected: "a matrix") }
    guard a.shape[0] == a.shape[1] else { throw ShapeError.notSquare(a.shape) }
    return a
  }
}
