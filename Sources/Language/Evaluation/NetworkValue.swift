import Display
import Networks
import Tensors

/// A network as a value: `net(x)`, `net[0].W`, `net.parameters`.
package struct NetworkValue {
  package let network: Network

  package init(_ network: Network) { self.network = network }

  var layerCount: Int { network.layers.count }
  var leaves: [Tensor] { network.parameters.map(\.value) }

  /// The same network with other weights.
  func replacing(_ leaves: [Tensor]) -> NetworkValue { NetworkValue(network.replacing(leaves)) }

  func layers(_ range: Range<Int>) -> NetworkValue { NetworkValue(Network(Array(network.layers[range]))) }
  func layers(_ range: Range<Int>) -> Value { .network(layers(range)) }

  /// The layer, where the network is one layer by itself.
  private var only: (any Layer)? { network.layers.count == 1 ? network.layers[0] : nil }

  /// The weights of a layer taken by itself, and its running statistics.
  private var own: [Networks.Parameter] {
    only.map { $0 is any CompositeLayer ? [] : $0.parameters + $0.buffers } ?? []
  }

  /// The layers that a layer taken by itself is made of.
  private var parts: [(name: String, layer: any Layer)] { (only as? any CompositeLayer)?.parts ?? [] }

  var fieldNames: [String] { parts.map(\.name) + own.map(\.name) + ["parameters"] }

  func field(_ name: String) -> Value? {
    if let parameter = own.first(where: { $0.name == name }) { return Value(parameter.value) }
    if let part = parts.first(where: { $0.name == name }) { return .network(NetworkValue(Network([part.layer]))) }
    return name == "parameters" ? .list(leaves.map { Value($0) }) : nil
  }

  /// The network with a part of one layer changed: a weight, or the layer itself.
  func setting(
    layer index: Int, _ rest: ArraySlice<(PathStep, Fault.Site)>, to part: Value, on machine: Machine,
    at site: Fault.Site
  ) throws -> NetworkValue {
    guard network.layers.indices.contains(index) else {
      throw machine.failure("E0206", "index \(index) is outside the network, which has \(layerCount) layers", at: site)
    }
    let replacement: NetworkValue
    if rest.isEmpty {
      guard case .network(let other) = part, other.layerCount == 1 else {
        throw machine.failure("E0207", "a layer is changed for a layer, not for \(part.article)", at: site)
      }
      replacement = other
    } else {
      let layer: NetworkValue = layers(index..<(index + 1))
      guard case .network(let changed) = try machine.setting(.network(layer), rest, to: part) else { return self }
      replacement = changed
    }
    var changed = network
    changed[index] = replacement.network.layers[0]
    return NetworkValue(changed)
  }

  /// The layer with one weight, running statistic or part changed.
  func setting(
    parameter name: String, _ rest: ArraySlice<(PathStep, Fault.Site)>, to part: Value, on machine: Machine,
    at site: Fault.Site
  ) throws -> NetworkValue {
    if let composite = only as? any CompositeLayer, let index = parts.firstIndex(where: { $0.name == name }) {
      let old = Value.network(NetworkValue(Network([parts[index].layer])))
      guard case .network(let new) = rest.isEmpty ? part : try machine.setting(old, rest, to: part) else {
        throw machine.failure("E0207", "layers are changed for layers, not for \(part.article)", at: site)
      }
      var layers = parts.map(\.layer)
      layers[index] = new.network.layers.count == 1 ? new.network.layers[0] : new.network
      return NetworkValue(Network([composite.replacing(parts: layers)]))
    }
    guard let index = own.firstIndex(where: { $0.name == name }), rest.isEmpty, let only else {
      throw machine.noField(name, in: .network(self), at: site)
    }
    let old = own[index].value
    guard let tensor = part.tensor(old.elementType), tensor.shape == old.shape else {
      throw machine.failure(
        "E0217", "\(name) has shape \(old.shape), this is \(part.outline)", at: site)
    }
    var values = own.map(\.value)
    values[index] = tensor.cast(to: old.elementType)
    let count = only.parameters.count
    return NetworkValue(
      Network([only.replacing(Array(values[..<count])).replacing(buffers: Array(values[count...]))]))
  }

  /// `net(x)`, `net(x, training: true)`, `net(x, state: s)`, which gives the result and the new state.
  func call(_ values: [Value], _ labels: [String?], on machine: Machine, _ site: CallSite) throws -> Value {
    var input: Value?
    let type = network.elementType ?? machine.elementType
    var context = Context(isTraining: false, random: machine.random)
    func tensor(_ index: Int) throws -> Tensor {
      guard let tensor = values[index].tensor(type) else {
        throw machine.failure(
          "E0303", "a network wants a tensor, this is \(values[index].article)", at: site.site(ofArgument: index))
      }
      return tensor
    }
    for (index, value) in values.enumerated() {
      switch index < labels.count ? labels[index] : nil {
      case nil where input == nil, "x" where input == nil: input = .tensor(try tensor(index))
      case "training": context.isTraining = try machine.truth(value, at: site.site(ofArgument: index))
      case "state": context.states = try states(value, type, on: machine, at: site.site(ofArgument: index))
      case "mask": context.mask = try tensor(index)
      case "keys": context.keys = try tensor(index)
      case "values": context.values = try tensor(index)
      case let label:
        throw machine.failure(
          "E0302", label.map { "a network has no argument \($0)" } ?? "a network is given one input",
          at: site.site(ofArgument: index), notes: [.init("signature", Self.signature)])
      }
    }
    guard case .tensor(let x)? = input else {
      throw machine.failure(
        "E0302", "the network is called without an input", at: site.site, notes: [.init("signature", Self.signature)])
    }
    defer { if context.isTraining { machine.random = context.random } }
    do {
      let y = try network(x, context: &context)
      guard context.states != nil else { return Value(y) }
      let ends = context.finalStates
      return .list([Value(y), ends.count == 1 ? Value(ends[0]) : .list(ends.map { Value($0) })])
    } catch let error as LayerError {
      throw machine.layerFault(error, values, site)
    } catch let error as ShapeError {
      throw site.shapeFault(error, site.calleeText, values)
    } catch let error as StateError {
      let place = labels.firstIndex(of: "state")
      throw machine.failure(
        "E0217", error.words, at: place.map { site.site(ofArgument: $0) } ?? site.site,
        notes: [.init("to begin", "state: 0 begins with zeros and gives the state too")])
    }
  }

  private static let signature = "net(x, training: false, state: none, mask: none, keys: none, values: none)"

  /// The tensors of a state: of an LSTM the list `(h, C)`, else `h`; of several layers all of theirs in a row. 0 is to begin with zeros.
  private func states(
    _ value: Value, _ type: ElementType, on machine: Machine, at site: Fault.Site
  ) throws -> [Tensor] {
    let count = network.stateCount
    guard count > 0 else { throw machine.failure("E0302", "no layer of this network has a state", at: site) }
    if case .number(0) = value { return [] }
    var tensors: [Tensor] = []
    for item in value.items ?? [value] {
      guard let tensor = item.tensor(type) else {
        throw machine.failure("E0303", "a state is made of tensors, this is \(item.article)", at: site)
      }
      tensors.append(tensor)
    }
    guard tensors.count == count else {
      throw machine.failure("E0217", StateError.count(given: tensors.count, expected: count).words, at: site)
    }
    return tensors
  }
}

extension StateError {
  var words: String {
    switch self {
    case .count(let given, let expected):
      "the state has \(expected) tensor\(expected == 1 ? "" : "s"), this has \(given)"
    case .shape(let shape, let expected): "the state is \(expected), this is \(shape)"
    }
  }
}

extension Value {
  /// The values of a list.
  fileprivate var items: [Value]? { if case .list(let items) = self { items } else { nil } }
}

extension Machine {
  /// A shape error inside a network: which layer, what it was given.
  func layerFault(_ error: LayerError, _ values: [Value], _ site: CallSite) -> Fault {
    let layer = "[" + error.path.map(String.init).joined(separator: "][") + "] \(error.kind)"
    var failure = shapeFault(
      error.problem, zip(site.arguments, values).map { Operand($0.value, $1, site.source) }, doing: layer,
      at: site.site)
    failure.diagnostic.notes.insert(.init("layer", "\(layer) was given \(error.input)"), at: 0)
    return failure
  }

  /// `a >> b`: layers make networks, functions a function.
  func compose(_ a: Value, _ b: Value, _ node: BinaryNode) throws -> Value {
    func check(_ value: Value, _ expression: Expression) throws {
      let site = Fault.Site(source: node.source, range: expression.range)
      switch value {
      case .function(let function): try checkLayer(function, at: site)
      case .network: return
      default:
        throw failure(
          "E0207", ">> joins functions and layers, this is \(value.article)",
          at: Fault.Site(source: node.source, range: expression.range))
      }
    }
    try check(a, node.left)
    try check(b, node.right)
    if case .network = a { return .network(NetworkValue(Network(layers(a, node) + layers(b, node)))) }
    if case .network = b { return .network(NetworkValue(Network(layers(a, node) + layers(b, node)))) }
    var parts: [Value] = []
    for value in [a, b] {
      if case .function(let function) = value, case .composed(let inner) = function.kind {
        parts += inner
      } else {
        parts.append(value)
      }
    }
    return .function(Function(.composed(parts), name: ""))
  }

  /// A layer's name alone makes layers and is none.
  /// - Throws: E0207, with what makes one where nothing has to be said.
  func checkLayer(_ function: Function, at site: Fault.Site) throws {
    guard case .builtin(let builtin) = function.kind, builtin.theme == .layers else { return }
    let isReady = !builtin.parameters.contains { $0.fallback == nil }
    let line = site.source.lineRange(site.source.lineIndex(at: site.range.start))
    let fixed =
      site.source.text(SourceRange(line.start, site.range.end)) + "()"
      + site.source.text(SourceRange(site.range.end, line.end))
    throw failure(
      "E0207", "\(builtin.name) alone is no layer: \(isReady ? "\(builtin.name)()" : "\(builtin.name)(…)") makes one",
      at: site, suggestions: isReady ? [.init(.try, fixed)] : [],
      notes: isReady ? [] : [.init("signature", builtin.signature)])
  }

  private func layers(_ value: Value, _ node: BinaryNode) -> [any Layer] {
    layers(
      value,
      CallSite(machine: self, source: node.source, range: node.whole.range, callee: node.whole, arguments: []))
  }

  /// The layers of a network, a function as a layer; none of anything else.
  func layers(_ value: Value, _ site: CallSite) -> [any Layer] {
    switch value {
    case .network(let network): return network.network.layers
    case .function(let function):
      if case .composed(let parts) = function.kind { return parts.flatMap { layers($0, site) } }
      return [layer(function, site)]
    default: return []
    }
  }

  /// A function of one tensor as a layer.
  func layer(_ function: Function, _ site: CallSite) -> FunctionLayer {
    var keepsShape = false
    if case .builtin(let builtin) = function.kind {
      keepsShape = builtin.keepsShape
      if let body = builtin.tensorBody { return FunctionLayer(function.name, keepsShape: keepsShape) { try body($0) } }
    }
    let caller = Caller(function: function, site: site)
    let name = function.name.isEmpty ? function.text.firstLine : function.name
    return FunctionLayer(name, keepsShape: keepsShape, origin: caller) { try caller.call([$0]) }
  }
}

/// A function of the language, for the engine to call.
///
/// `@unchecked Sendable`: layers and losses are `Sendable`, functions of the language belong to their interpreter's thread. Training
/// calls them on that thread, which is the one that asked for it.
struct Caller: FunctionOrigin, @unchecked Sendable {
  let function: Function
  let site: CallSite

  func call(_ inputs: [Tensor]) throws -> Tensor {
    // The engine may be differentiating: gradients taken inside keep their graph.
    let value = try site.machine.differentiating { try site.apply(function, inputs.map { Value($0) }, []) }
    guard let tensor = value.tensor(inputs.first?.elementType ?? site.machine.elementType) else {
      throw site.machine.failure(
        "E0303", "\(function.name.isEmpty ? "the function" : function.name) gives \(value.article), not a tensor",
        at: site.site)
    }
    return tensor
  }
}

extension NetworkValue {
  /// What the echo and `:summary` show.
  package var text: NetworkText { text(named: "net") }

  package func text(named name: String) -> NetworkText {
    func shape(_ shape: Shape?) -> String {
      guard let shape else { return "" }
      // Steps of any number are t.
      let extents = shape.dimensions.enumerated().map { $0 == 0 ? "n" : $1 == 0 ? "t" : String($1) }
      return "[" + extents.joined(separator: ", ") + "]"
    }
    return NetworkText(
      name: name, input: shape(network.inputShape),
      layers: network.table.map { row in
        NetworkText.Layer(
          kind: row.kind, description: row.description, output: shape(row.output), parameterCount: row.count,
          countFormula: row.countFormula, parameterNames: row.parameterNames)
      })
  }
}
