import Networks
import Tensors
import Testing

@Suite struct ScheduleTests {
  @Test("Rates go as their cards say") func rates() throws {
    let step = StepSchedule(0.8, every: 3, factor: 0.5)
    #expect((0..<7).map { step.rate(at: $0) } == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2])
    let cosine = CosineSchedule(1, steps: 4, floor: 0.2)
    expectClose(
      (0...5).map { cosine.rate(at: $0) },
      [1, 0.6 + 0.4 / 2.0.squareRoot(), 0.6, 0.6 - 0.4 / 2.0.squareRoot(), 0.2, 0.2])
    let warm = WarmupSchedule(cosine, steps: 2)
    expectClose(try (0..<4).map { try warm.rate(at: $0) }, [0.5, 1, 1, cosine.rate(at: 1)])
    #expect(warm.description == "warmup(cosine(1, steps: 4, floor: 0.2), steps: 2)")
  }

  @Test("A schedule sets the rate before each step, the first one being step 0") func steps() throws {
    var optimizer: any Optimizer = SGD(9)
    optimizer.options.schedule = StepSchedule(1, every: 2, factor: 0.1)
    var p = [Tensor([0])]
    var taken: [Double] = []
    for _ in 0..<5 {
      let before = p[0].item
      try optimizer.update(&p, [Tensor([1])])
      taken.append(before - p[0].item)
    }
    expectClose(taken, [1, 1, 0.1, 0.1, 0.01])
    #expect(optimizer.description == "SGD(step(1, every: 2))")
  }

  @Test("A schedule that fails leaves everything as it was") func failing() {
    struct Broken: Schedule {
      struct Reason: Error {}
      var description: String { "broken" }
      func rate(at step: Int) throws -> Double { if step > 0 { throw Reason() } else { 1 } }
    }
    var optimizer = Adam(options: Broken())
    var p = [Tensor([1.0, 2.0])]
    #expect(throws: Never.self) { try optimizer.update(&p, [Tensor([1, 1])]) }
    let (moved, number) = (p[0].elements, optimizer.state.number)
    #expect(throws: Broken.Reason.self) { try optimizer.update(&p, [Tensor([1, 1])]) }
    #expect(p[0].elements == moved && optimizer.state.number == number)
  }

  @Test("Numbers of gradients are cut at the value asked for, before the norm is taken") func values() throws {
    var optimizer = SGD(1)
    optimizer.options.clipValue = 3
    optimizer.options.clip = 5
    var moved = [Tensor([0, 0])]
    try optimizer.update(&moved, [Tensor([30, 4])])
    expectClose(moved[0].elements, [-3, -3])
  }

  @Test("Dampening lessens every new gradient but the first, as PyTorch's SGD has it") func dampening() throws {
    var optimizer = SGD(1, momentum: 0.5, dampening: 0.25)
    var p = [Tensor([0])]
    try optimizer.update(&p, [Tensor([1])])
    try optimizer.update(&p, [Tensor([1])])
    // v = 1, then 0.5 + 0.75 = 1.25.
    expectClose(p[0].elements, [-2.25])
    #expect(optimizer.description == "SGD(1, momentum: 0.5, dampening: 0.25)")
  }

  @Test("AdaGrad's decay divides the rate by 1 + (t - 1) d") func decay() throws {
    var optimizer = AdaGrad(1, epsilon: 0, decay: 0.5)
    var p = [Tensor([0])]
    try optimizer.update(&p, [Tensor([1])])
    try optimizer.update(&p, [Tensor([1])])
    expectClose(p[0].elements, [-(1 + 1 / (1.5 * 2.0.squareRoot()))])
  }

  @Test("Nesterov without momentum is refused, as by PyTorch") func nesterov() {
    #expect(throws: ArgumentError.self) {
      try SGD(Arguments([.number(0.1)], named: [("nesterov", .number(1))], for: SGD.card))
    }
    #expect(throws: ArgumentError.self) {
      try SGD(
        Arguments(
          [.number(0.1)], named: [("nesterov", .number(1)), ("momentum", .number(0.9)), ("dampening", .number(0.1))],
          for: SGD.card))
    }
  }
}

extension Adam {
  fileprivate init(options schedule: any Schedule) {
    self.init(0.1)
    options.schedule = schedule
  }
}
