import Display
import Language
import Networks
import Tensors

extension BackwardWalk {
  /// The layers of a network from the last to the first, and what comes back to its input.
  func layers(
    _ network: Network, _ name: String, _ x: Tensor, _ start: Flowing, isInner: Bool = false
  ) -> (entries: [WalkMaker.Entry], back: Flowing) {
    var inputs = [x.cast(to: network.elementType ?? x.elementType).detached]
    for layer in network.layers.dropLast() {
      guard let y = try? layer(inputs[inputs.count - 1]) else { return ([], Flowing { nil }) }
      inputs.append(y.detached)
    }
    guard var incoming = start.value else { return ([], Flowing { nil }) }
    var entries: [WalkMaker.Entry] = []
    for (index, layer) in network.layers.enumerated().reversed() {
      let own = network.count == 1 && !isInner ? name : "\(name)[\(index)]"
      let x = inputs[index].variable()
      let weights = layer.parameters.map { $0.value.detached.variable() }
      guard let y = try? layer.replacing(weights)(x) else { return (entries, Flowing { nil }) }
      func back(_ incoming: Tensor) -> [Tensor] {
        Tensors.gradients(of: (y * incoming.cast(to: y.elementType)).sum(), withRespectTo: [x] + weights).map(
          \.detached)
      }
      let flows = RoundingNoise.cleared(back(incoming), of: incoming) { back($0) }
      if !isInner {
        for (parameter, flow) in zip(layer.parameters, flows.dropFirst()) {
          route.add(flow, to: "\(name)[\(index)].\(parameter.name)")
        }
      }
      let before = index == 0 ? "the input" : "what \(name)[\(index - 1)] gives"
      // What only says the shape is no step.
      if layer is Input { continue }
      entries.append(
        layerEntry(
          layer, own, x.detached, y.detached, incoming, flows, isFirst: index == 0 && !isInner, before: before))
      if !isInner { route.count += 1 }
      incoming = flows[0]
    }
    let back = incoming
    return (entries, Flowing { back })
  }

  private func layerEntry(
    _ layer: any Layer, _ own: String, _ x: Tensor, _ y: Tensor, _ incoming: Tensor, _ flows: [Tensor], isFirst: Bool,
    before: String
  ) -> WalkMaker.Entry {
    var outs = [FlowPicture.Out(name: "x", value: x, gradient: flows[0])]
    var around = Surroundings(interpreter: maker.interpreter, source: SourceText(""))
    around = around.adding("x", Value(x)).adding("y", Value(y))
    for (parameter, flow) in zip(layer.parameters, flows.dropFirst()) {
      outs.append(.init(name: parameter.name, value: parameter.value.detached, gradient: flow))
      around = around.adding(parameter.name, Value(parameter.value.detached))
    }
    around.source = SourceText(Self.text(of: layer, x))
    let expression = around.parsed ?? Expression(.name("y"))
    let hasWeights = !layer.parameters.isEmpty
    let picture = FlowPicture(
      loss: root.name, name: "y", expression: expression, incoming: incoming, outgoing: outs,
      data: isFirst && hasWeights ? ["x"] : [], around: around)
    return WalkMaker.Entry(name: own) { title in
      var step = Step(title, "\(layer.description), back from \(y.shape)") { style in
        var document = picture.document(style)
        let laws = Self.laws(of: layer, root.name)
        if !laws.isEmpty { document.append(Line()) }
        for law in laws { document.append(Line("  " + law.shown(style).cut(to: style.width - 2, style: style))) }
        return document
      }
      step.remark = { style in
        let own = picture.remark(style)
        return own.isEmpty ? ["here y is what \(layer.kind) gives, x \(before)"] : own
      }
      step.names = around.names
      step.inners = inners(of: layer, x, incoming, flows, picture, around)
      return step
    }
  }

  /// What a layer computes, where the language has it in one line.
  private static func text(of layer: any Layer, _ x: Tensor) -> String {
    switch layer {
    case let dense as Dense where x.rank == 2: dense.bias == nil ? "x @ W" : "x @ W + b"
    case let pool as Networks.MaxPool2d: "max_pool2d(x, \(pool.side), stride: \(pool.stride))"
    case let pool as Networks.AvgPool2d: "avg_pool2d(x, \(pool.side), stride: \(pool.stride))"
    case is Flatten: "flatten(x)"
    default: "\(layer.kind)(x)"
    }
  }

  /// The formulas that join what comes in with what goes out, where the numbers alone do not show it.
  private static func laws(of layer: any Layer, _ loss: String) -> [String] {
    func d(_ name: String) -> String { "∂\(loss)/∂\(name)" }
    switch layer {
    case let convolution as Networks.Conv2d:
      let (s, p) = (convolution.stride, convolution.padding)
      let place = s == 1 ? "i+k,j+l" : "\(s)i+k,\(s)j+l"
      let isPlain = p.edges(extent: 8, window: convolution.weight.shape[2], stride: s).before == 0
      let read = isPlain ? place : s == 1 ? "i+k-P,j+l-P" : "\(s)i+k-P,\(s)j+l-P"
      return [
        "\(d("W"))[o,c,k,l] = ∑[n,i,j] \(d("y"))[n,o,i,j]·x[n,c,\(read)]",
        "\(d("b"))[o] = ∑[n,i,j] \(d("y"))[n,o,i,j]",
      ].dropLast(convolution.bias == nil ? 1 : 0)
    case is Networks.Embedding: return ["\(d("E"))[w] = ∑ \(d("y"))[n,t] over the places where x[n,t] = w"]
    default: return []
    }
  }

  /// What is inside a layer on the way back: both products of a dense one, time steps, the layers of a network, sums of a convolution.
  private func inners(
    of layer: any Layer, _ x: Tensor, _ incoming: Tensor, _ flows: [Tensor], _ picture: FlowPicture,
    _ around: Surroundings
  ) -> [(name: String, walk: () -> Walk?)] {
    switch layer {
    case let network as Network:
      return [
        (
          "",
          { WalkMaker.walk(from: "y", inside.layers(network, "body", x, Flowing { incoming }, isInner: true).entries) }
        )
      ]
    case let convolution as Networks.Conv2d where x.rank == 4:
      return [("", { kernelWalk(convolution, x, incoming, flows[1], around) })]
    case let recurrent as any RecurrentLayer where x.rank == 3:
      return [("", { passes(of: recurrent, x, incoming, around) })]
    default:
      let frames = picture.productFrames(around.names, layer.description)
      return frames.isEmpty ? [] : [("", { Walk("factor", frames) })]
    }
  }

  /// The weights of the first kernel of a convolution, each with the sum that its derivative is.
  private func kernelWalk(
    _ layer: Networks.Conv2d, _ x: Tensor, _ incoming: Tensor, _ gradient: Tensor, _ around: Surroundings
  ) -> Walk? {
    let (rows, columns) = (layer.weight.shape[2], layer.weight.shape[3])
    let stride = layer.stride
    let above = layer.padding.edges(extent: x.shape[2], window: rows, stride: stride).before
    let left = layer.padding.edges(extent: x.shape[3], window: columns, stride: stride).before
    let whole = Tensor((0..<rows * columns).map { gradient[flat: $0] }, shape: Shape([rows, columns]))
    let images = (0..<x.shape[0]).map { (x: x.image($0, 0), y: incoming.image($0, 0)) }
    let name = "\(d("W"))[0,0]"
    return elementWalk(
      whole, names: around.names, law: "\(d("W"))[0,0,k,l] = ∑[n,i,j] \(d("y"))[n,0,i,j]·x[n,0,i+k,j+l]"
    ) { place in
      let (k, l) = (place / columns, place % columns)
      var terms: [Calculation] = []
      for image in images {
        for i in 0..<image.y.rows {
          for j in 0..<image.y.columns {
            let (row, column) = (i * stride + k - above, j * stride + l - left)
            guard (0..<image.x.rows).contains(row), (0..<image.x.columns).contains(column) else { continue }
            terms.append(.product([.number(image.y.element(i, j)), .number(image.x.element(row, column))]))
          }
        }
      }
      // What comes back as 0 adds nothing.
      let telling = terms.filter { if case .product(let factors) = $0 { factors[0].value != 0 } else { true } }
      return ("\(name.dropLast()),\(k),\(l)]", .sum(telling.isEmpty ? [.number(0)] : telling))
    }
  }
}

extension Surroundings {
  /// The expression that its text is.
  var parsed: Expression? {
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
    return expression
  }
}
