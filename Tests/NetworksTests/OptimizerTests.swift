import Networks
import Tensors
import Testing

@Suite struct OptimizerTests {
  static let cases = [
    "gd", "gd_lr0.1", "sgd_momentum", "sgd_momentum_lr0.05", "sgd_nesterov", "sgd_nesterov_lr0.05", "sgd_weight_decay",
    "adagrad", "adagrad_lr0.5", "rmsprop", "rmsprop_momentum_centered", "adam", "adam_lr0.1", "adam_l2", "adam_amsgrad",
    "adamw", "adamw_lr0.1",
  ]

  /// The optimiser a case asks for.
  private func optimizer(_ name: String, _ golden: Golden) throws -> any Optimizer {
    let rate = try #require(golden.number("lr"))
    let decay = golden.number("weight_decay")
    switch name.prefix(while: { $0 != "_" }) {
    case "gd", "sgd":
      return SGD(
        rate, momentum: golden.number("momentum") ?? 0, nesterov: golden.flag("nesterov"), weightDecay: decay ?? 0)
    case "adagrad": return AdaGrad(rate, epsilon: golden.number("eps") ?? 1e-10)
    case "rmsprop":
      return RMSprop(
        rate, alpha: try #require(golden.number("alpha")), momentum: golden.number("momentum") ?? 0,
        centered: golden.flag("centered"))
    case "adamw": return AdamW(rate, weightDecay: try #require(decay))
    default:
      let betas = try #require(golden.pair("betas"))
      return Adam(rate, beta1: betas[0], beta2: betas[1], weightDecay: decay ?? 0, amsgrad: golden.flag("amsgrad"))
    }
  }

  @Test("On a quadratic every optimiser takes PyTorch's ten steps", arguments: cases)
  func quadratic(name: String) throws {
    let golden = try Golden("opt_quadratic_\(name)")
    let (a, c) = (try golden.input("A"), try golden.input("c"))
    var optimizer = try optimizer(name, golden)
    var step = 0
    let w = try minimize(
      [golden.parameter("w")], optimizer: &optimizer, steps: 10,
      observer: { t, value in
        step = t
        expectClose([value], try golden.row(t - 1, "loss_traj"))
        return .proceed
      },
      { p in
        let w = p[0]
        return try 0.5 * w.product(a).product(w) - c.product(w)
      })
    #expect(step == 10)
    expectClose(w[0].elements, try golden.row(10, "w_traj"))
  }

  @Test("On a linear regression every optimiser takes PyTorch's ten steps", arguments: cases)
  func linearRegression(name: String) throws {
    let golden = try Golden("opt_linreg_\(name)")
    let (x, y) = (try golden.input("X"), try golden.input("y"))
    var optimizer = try optimizer(name, golden)
    var parameters = [try golden.parameter("W"), try golden.parameter("b")]
    for t in 1...10 {
      parameters = try minimize(parameters, optimizer: &optimizer, steps: 1) { p in
        try MeanSquaredError()(x.product(p[0]) + p[1], y)
      }
      expectClose(parameters[0].elements, try golden.row(t, "W_traj"), "step \(t)")
      expectClose(parameters[1].elements, try golden.row(t, "b_traj"), "step \(t)")
    }
  }

  @Test("The buffers after a step are PyTorch's state") func state() throws {
    let golden = try Golden("opt_linreg_adam")
    let (x, y) = (try golden.input("X"), try golden.input("y"))
    var optimizer: any Optimizer = Adam(0.001)
    _ = try minimize([golden.parameter("W"), golden.parameter("b")], optimizer: &optimizer, steps: 10) { p in
      try MeanSquaredError()(x.product(p[0]) + p[1], y)
    }
    #expect(optimizer.state.number == 10)
    expectClose(optimizer.state.buffers[0][0].elements, try golden.row(9, "W_exp_avg"))
    expectClose(optimizer.state.buffers[0][1].elements, try golden.row(9, "W_exp_avg_sq"))
    expectClose(optimizer.state.buffers[1][0].elements, try golden.row(9, "b_exp_avg"))
  }

  @Test("Gradient descent with D2's cost goes D2's way") func gradientDescent() throws {
    let golden = try Golden("gradient_descent_d2")
    let (x, y) = (try golden.input("X"), try golden.input("y"))
    var optimizer: any Optimizer = SGD(try #require(golden.meta.alpha))
    let theta = try minimize(
      [golden.parameter("theta")], optimizer: &optimizer, steps: 10,
      observer: { t, value in
        expectClose([value], try golden.row(t - 1, "cost_traj"))
        return .proceed
      }, { p in try MeanSquaredError()(x.product(p[0]), y) * 0.5 })
    expectClose(theta[0].elements, try golden.row(10, "theta_traj"))
  }

  @Test("Stochastic gradient descent with a given order goes D5's way") func stochastic() throws {
    let golden = try Golden("sgd_minibatch")
    let data = try Dataset(x: golden.input("X"), y: golden.input("y"))
    var optimizer: any Optimizer = SGD(try #require(golden.meta.lr))
    var parameters = [try golden.parameter("W"), try golden.parameter("b")]
    for (t, place) in try golden.input("order").elements.enumerated() {
      let (x, y) = data.batch([Int(place)])
      parameters = try minimize(
        parameters, optimizer: &optimizer, steps: 1,
        observer: { _, loss in
          expectClose([loss], try golden.row(t, "batch_loss"))
          return .proceed
        }, { p in try MeanSquaredError()(x.product(p[0]) + p[1], y) })
    }
    expectClose(parameters[0].elements, try golden.row(12, "W_traj"))
    expectClose(parameters[1].elements, try golden.row(12, "b_traj"))
  }

  @Test("Clipping shortens all gradients together") func clipping() throws {
    let golden = try Golden("grad_clip_norm")
    let gradients = [try golden.gradient("W"), try golden.gradient("b")]
    let norm = totalNorm(gradients)
    expectClose([norm], try golden.output("total_norm").elements)
    let limit = try #require(golden.meta.maxNorm)
    expectClose([clippingFactor(norm: norm, limit: limit)], try golden.output("coef").elements)
    var optimizer = SGD(1, clip: limit)
    var moved = gradients.map { Tensor.zeros($0.shape) }
    try optimizer.update(&moved, gradients)
    expectClose(moved[0].elements.map(-), try golden.output("W_clipped").elements)
    expectClose(moved[1].elements.map(-), try golden.output("b_clipped").elements)
  }

  @Test("RMSprop's centred buffers after each step are PyTorch's state") func centredState() throws {
    let golden = try Golden("opt_linreg_rmsprop_momentum_centered")
    let (x, y) = (try golden.input("X"), try golden.input("y"))
    var optimizer = try optimizer("rmsprop_momentum_centered", golden)
    var parameters = [try golden.parameter("W"), try golden.parameter("b")]
    for t in 0..<10 {
      parameters = try minimize(parameters, optimizer: &optimizer, steps: 1) { p in
        try MeanSquaredError()(x.product(p[0]) + p[1], y)
      }
      for (index, name) in ["square_avg", "momentum_buffer", "grad_avg"].enumerated() {
        expectClose(optimizer.state.buffers[0][index].elements, try golden.row(t, "W_\(name)"), "step \(t) \(name)")
      }
    }
  }

  @Test("An optimiser is a value: a copy goes its own way, and no other tensor moves") func value() throws {
    var first = Adam(0.1)
    var p = [Tensor([1, 2])]
    let before = p
    try first.update(&p, [Tensor([1, 1])])
    var second = first
    var q = p
    try second.update(&q, [Tensor([1, 1])])
    #expect(first.state.number == 1 && second.state.number == 2)
    #expect(before[0].elements == [1, 2])
    #expect(p[0].elements != q[0].elements)
    #expect(first.restarted.state.number == 0)
  }

  @Test(
    "Every optimiser is made by name, takes its card's defaults and halves a parabola",
    arguments: 0..<OptimizerCatalogue.all.count)
  func catalogue(index: Int) throws {
    let type = OptimizerCatalogue.all[index]
    var optimizer = try type.init(Arguments([], for: type.card))
    #expect(optimizer.description.hasPrefix(type.card.name + "("))
    optimizer.rate = 0.05
    let x = try minimize([Tensor([1, -2], .float32)], optimizer: &optimizer, steps: 200) { p in
      try MeanSquaredError()(p[0], .zeros([2], .float32))
    }
    #expect(x[0].elements.allSatisfy { abs($0) < 1 })
    #expect(OptimizerCatalogue.optimizer(named: type.card.name) != nil)
  }
}
