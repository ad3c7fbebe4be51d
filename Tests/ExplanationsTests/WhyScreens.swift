import Testing

/// The screens of `:why` as they were designed: what is typed before, what is typed, and what is seen.
struct WhyScreen: Sendable, CustomTestStringConvertible {
  let name: String
  let before: String
  let text: String

  var testDescription: String { name }

  static let flowers = Session.flowers + ";"

  static let manyFlowers = """
    X = iris().x[0..<100];  t = iris().y[0..<100];
    W = [0.2, -0.5, 0.31; -0.4, 0.1, -0.12; 0.6, 0.7, 0.77; 0.1, -0.2, 0.05];
    b = [0.1, -0.3, 0.1];
    V = [0.5, -0.2; 0.3, 0.8; -0.6, 0.4];  c = [0.2, -0.1];
    z = X @ W + b;  h = relu(z);  y = h @ V + c;
    L = cross_entropy(y, t);
    """

  static let lstm = """
    x = [1; -0.5];  h[-1] = [0.5, -0.25];  C[-1] = [0.2, -0.4];
    Wf = [0.5, 0, 1; 0, 0.5, -1];  Wi = [1, 0, 0.5; 0, 1, 0.5];
    WC = [0.2, -0.3, 1; 0.4, 0.1, -0.5];  Wo = [-0.5, 0.5, 0; 1, 1, 0.25];
    bf = [1, 1];  bi = [0, 0];  bC = [0.1, -0.1];  bo = [0, 0.5];
    for t in 0..<2 {
      f[t] = σ(Wf @ (h[t-1] ++ x[t]) + bf)
      i[t] = σ(Wi @ (h[t-1] ++ x[t]) + bi)
      C̃[t] = tanh(WC @ (h[t-1] ++ x[t]) + bC)
      C[t] = f[t] ⊙ C[t-1] + i[t] ⊙ C̃[t]
      o[t] = σ(Wo @ (h[t-1] ++ x[t]) + bo)
      h[t] = o[t] ⊙ tanh(C[t])
    }
    """

  static let all: [WhyScreen] = [
    WhyScreen(
      name: "first-why", before: "",
      text: #"""
        >>> A = [1, 2; 3, 4]
        A : [2, 2]
         [1, 2;
          3, 4]
        >>> :why (A @ A)[0,1]
          (A @ A)[i,j] = ∑[k] A[i,k]·A[k,j]                               matrix product

          (A @ A)[0,1] = ∑[k] A[0,k]·A[k,1]
                       = 1·2 + 2·4
                       = 2 + 8
                       = 10
        """#),
    WhyScreen(
      name: "why-dense-element", before: flowers,
      text: #"""
        >>> :why h[0,2]
          h = relu(z),  z = X @ W + b                                        your line 5

          h[0,2] = relu(z[0,2])
                 = relu(∑[k] X[0,k]·W[k,2] + b[2])
                 = relu(5.1·0.31 + 3.5·(-0.12) + 1.4·0.77 + 0.2·0.05 + 0.1)
                 = relu(1.581 - 0.42 + 1.078 + 0.01 + 0.1)
                 = relu(2.349)
                 = 2.349                            2.349 > 0, so relu keeps it
        """#),
    WhyScreen(
      name: "why-dense-matrix", before: flowers,
      text: #"""
        >>> :why h
          h = relu(z),  z = X @ W + b                                        your line 5

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

          Each number of X @ W stands where its row of X meets its column of W.
          next  :why h[0,2]
        """#),
    WhyScreen(
      name: "why-softmax", before: "",
      text: #"""
        >>> s = softmax([2, 1, 0.1]);
        >>> :why s
                      exp(z[j] - m)                                              softmax
             s[j] = ──────────────────      z = [2, 1, 0.1]     m = max(z) = 2
                    ∑[k] exp(z[k] - m)

              j     z[j]    z[j] - m    exp(z[j] - m)        s[j]
              0      2.0         0.0          1.00000     0.65900
              1      1.0        -1.0          0.36788     0.24243
              2      0.1        -1.9          0.14957     0.09857
                                            + ───────   + ───────
                                              1.51745     1.00000

          Each s[j] is its exp over their sum. Taking m from every z leaves s as it is
          and keeps exp in range: exp(1000) is inf, exp(1000 - 1000) is 1.
        """#),
    WhyScreen(
      name: "why-softmax-element",
      before: #"""
        s = softmax([2, 1, 0.1]);
        """#,
      text: #"""
        >>> :why s[0]
                      exp(2 - 2)                 1
           s[0] = ────────────────── = ───────────────────── = 0.65900
                  ∑[k] exp(z[k] - 2)   1 + 0.36788 + 0.14957
        """#),
    WhyScreen(
      name: "why-cross-entropy", before: "",
      text: #"""
        >>> z = [2, 1, 0.1];  E = cross_entropy(z, 0);
        >>> :why E
          E = -ln(p[t]),  p = softmax(z),  t = 0 is the right class                D1.ce

          E = -ln(p[0])
            = -ln(0.65900)
            = 0.41703

          p = [0.65900, 0.24243, 0.09857]      a sure right answer, p[t] = 1, costs 0
                 ↑ class 0 is right            a guess among 3, p[t] = 1/3, costs 1.0986
        """#),
    WhyScreen(
      name: "why-attention",
      before: #"""
        Q = [1, 0; 0, 1; 1, 1];  K = [1, -1; 0, 2; 0.5, 0.5];  V = [1, 0; 0, 1; 2, 2];
        """#,
      text: #"""
        >>> c = attention(Q, K, V);
        >>> :why c[0,1]
          c[i,j] = ∑[k] A[i,k]·V[k,j]     A = softmax(S)     S = Q @ Kᵀ / √d     D3.attn

          c[0,1] = ∑[k] A[0,k]·V[k,1]
                 = 0.455527·0 + 0.224606·1 + 0.319866·2
                 = 0 + 0.22461 + 0.63973
                 = 0.86434

          what query 0 looks at    k    S[0,k]    A[0,k]              V[k,1]
                                   0   0.70711   0.45553  █████            0
                                   1   0.00000   0.22461  ██               1
                                   2   0.35355   0.31987  ███              2

          next  :why S[0,2]   :why A[0,2]
        """#),
    WhyScreen(
      name: "why-attention-score",
      before: #"""
        Q = [1, 0; 0, 1; 1, 1];  K = [1, -1; 0, 2; 0.5, 0.5];  V = [1, 0; 0, 1; 2, 2];
        c = attention(Q, K, V);
        :why c[0,1]
        """#,
      text: #"""
        >>> :why S[0,2]
          S[0,2] = ∑[j] Q[0,j]·K[2,j] / √d             d = 2, the length of a key
                 = (1·0.5 + 0·0.5) / √2
                 = 0.5 / √2
                 = 0.35355
        >>> :why A[0,2]
                     exp(S[0,2] - m)             0.70219
          A[0,2] = ──────────────────── = ───────────────────── = 0.31987
                   ∑[k] exp(S[0,k] - m)   1 + 0.49307 + 0.70219
                                               m = max(S[0,:]) = 0.70711
        """#),
    WhyScreen(
      name: "why-lstm", before: lstm,
      text: #"""
        >>> :why f[0,0]
          f[t] = σ(Wf @ (h[t-1] ++ x[t]) + bf)           forget gate         your line 6

          f[0,0] = σ(∑[k] Wf[0,k]·(h[-1] ++ x[0])[k] + bf[0])
                 = σ(0.5·0.5 + 0·(-0.25) + 1·1 + 1)
                 = σ(0.25 + 0 + 1 + 1)
                 = σ(2.25)
                 = 0.90465                         keeps 90 % of the old cell

          h[-1] ++ x[0] = [0.5, -0.25, 1]      unit 0 of h, unit 1 of h, x
        >>> :why C[0,0]
          C[t] = f[t] ⊙ C[t-1] + i[t] ⊙ C̃[t]             new cell            your line 9

          C[0,0] = f[0,0]·C[-1,0] + i[0,0]·C̃[0,0]
                 = 0.904651·0.2 + 0.731059·0.855147
                 = 0.18093 + 0.62516                    kept, plus newly written
                 = 0.80609
        """#),
    WhyScreen(
      name: "why-conv", before: "",
      text: #"""
        >>> x = [1, 2, 0, 3; 4, 1, 2, 1; 0, 3, 1, 2; 2, 1, 4, 0];  w = [1, -1; 2, 1];
        >>> z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]
        z : [3, 3]   i in 0..<3, j in 0..<3, k in 0..<2, l in 0..<2
         [8, 6, 2;
          6, 6, 5;
          2, 8, 7]
        >>> :why z[1,2]
          z[1,2] = ∑[k,l] x[1+k, 2+l]·w[k,l]                                 your line 2

             1   2    0   3
                   ┌────────┐       patch           w           products
             4   1 │  2   1 │      ⎡ 2  1 ⎤  ⊙  ⎡  1  -1 ⎤  =  ⎡  2  -1 ⎤
             0   3 │  1   2 │      ⎣ 1  2 ⎦     ⎣  2   1 ⎦     ⎣  2   2 ⎦
                   └────────┘
             2   1    4   0
          the box is x[1...2, 2...3]

          z[1,2] = 2·1 + 1·(-1) + 1·2 + 2·1
                 = 2 - 1 + 2 + 2
                 = 5
        """#),
    WhyScreen(
      name: "why-pool",
      before: #"""
        r = [0, 3, 0, 1; 5, 0, 2, 2; 0, 5, 0, 0; 0, 0, 6, 0];
        """#,
      text: #"""
        >>> y = max_pool2d(r, 2);
        >>> :why y[0,1]
          y[i,j] = max[p,q] r[2i+p, 2j+q]        window 2 × 2, stride 2          D2.pool

                   ┌────────┐
             0   3 │  0   1 │
             5   0 │  2   2 │
                   └────────┘
             0   5    0   0
             0   0    6   0
          the box is r[0...1, 2...3]

          y[0,1] = max(0, 1, 2, 2)
                 = 2                  won by r[1,2]; r[1,3] ties, the first one wins

          backward: all of ∂L/∂y[0,1] goes to r[1,2], the other three get 0
        """#),
    WhyScreen(
      name: "why-gradient", before: flowers,
      text: #"""
        >>> :why ∂L/∂W[0,2]
          ∂L/∂W[i,j] = ∑[n] X[n,i]·δ[n,j]              δ = ∂L/∂z      from z = X @ W + b

          ∂L/∂W[0,2] = ∑[n] X[n,0]·δ[n,2]
                     = 5.1·0.41897 + 6.2·(-0.017751)
                     = 2.1368 - 0.1101
                     = 2.0267                            central difference 2.0267 ✓

          raise W[0,2] by 0.001 and L rises by about 0.00203
          next  :why ∂L/∂z[0,2]
        """#),
    WhyScreen(
      name: "why-delta", before: flowers,
      text: #"""
        >>> :why ∂L/∂z[0,2]
          ∂L/∂z = relu'(z) ⊙ (∂L/∂y @ Vᵀ)     from h = relu(z), y = h @ V + c · D4.delta

          ∂L/∂z[0,2] = relu'(z[0,2])·(∑[k] ∂L/∂y[0,k]·V[2,k])
                     = 1·(-0.41897·(-0.6) + 0.41897·0.4)
                     = 1·(0.25138 + 0.16759)
                     = 0.41897                           central difference 0.41897 ✓

          1 since z[0,2] = 2.349 > 0; at z[0,1] = -1.56 relu' is 0 and nothing passes
        """#),
    WhyScreen(
      name: "why-long-sum", before: manyFlowers,
      text: #"""
        >>> :why ∂L/∂W[0,2]
          ∂L/∂W[i,j] = ∑[n] X[n,i]·δ[n,j]              δ = ∂L/∂z      from z = X @ W + b

              n    X[n,0]  ·       δ[n,2]  =      term
              0       5.1  ·   0.00837943  =   0.04274
              1       4.9  ·   0.00821860  =   0.04027
              2       4.7  ·   0.00816378  =   0.03837
              …                   96 more  =   1.78105
             99       5.7  ·  -0.00072024  =  -0.00411
                                            + ────────
          ∂L/∂W[0,2]                           1.89832     all 100:  :why ∂L/∂W[0,2] all
                                                             central difference 1.8983 ✓
        """#),
    WhyScreen(
      name: "why-adam", before: "",
      text: #"""
        >>> J(w) = mean(([1, 2, 3] * w - [5, 7, 10])^2)
        >>> w = minimize(J, 1, optimizer: Adam(0.01), steps: 2)
        w = 1.0200
        >>> :why w
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
        """#),
    WhyScreen(
      name: "ascii", before: flowers,
      text: #"""
        >>> :why partial(L, W)[0,2]
          partial(L, W)[i,j] = sum[n] X[n,i]*delta[n,j]     delta = partial(L, z)

          partial(L, W)[0,2] = sum[n] X[n,0]*delta[n,2]
                             = 5.1*0.41897 + 6.2*(-0.017751)
                             = 2.1368 - 0.1101
                             = 2.0267                      central difference 2.0267 ok
        """#),
  ]
}
