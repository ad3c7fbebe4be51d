import Networks
import Tensors
import Testing

@Suite struct OptimizerTests {
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

  @Test("A minimisation that is stopped keeps the step during which it was")
  func stopped() throws {
    var optimizer: any Optimizer = SGD(0.25)
    var kept: [OptimizerStep] = []
    let x = try minimize(
      [Tensor([4])], optimizer: &optimizer, steps: 100, observer: { step, _ in step == 3 ? .stop : .proceed },
      keeping: { kept.append($0) }
    ) { ($0[0] * $0[0]).sum() }
    // w - 0.25·2w halves w: 4, 2, 1, and the third step to 0.5.
    #expect(kept.count == 1 && kept[0].number == 3)
    #expect(kept[0].before[0].elements == [1] && kept[0].after[0].elements == [0.5] && x[0].elements == [0.5])
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
