import Language
import Networks
import Synchronization
import Tensors

/// A network as a loss runs it, opened at every layer: what each was given, what it gave, and the derivatives of the loss by both.
///
/// The lines that lead to the loss run once more with a network whose layers are tapped; one way back then gives every derivative.
/// So it does not matter where the network is called: in a line, in a function of the user, under `∇`.
final class NetworkTrace {
  /// A layer of the network, or one inside of such a layer, with what went through it.
  struct Stage {
    /// `net[0]`, `net[2].attention`
    let path: String
    let layer: any Layer
    let x, y: Tensor
    /// The derivatives of the loss by what the layer was given and by what it gave.
    let dx, dy: Tensor
    /// Whether it is a layer of the network itself, so that the next one reads what it gives.
    let isOutermost: Bool
    /// What the layer was called with beside its input: in training or not, with which random numbers and states; nil where several
    /// runs with different ones are taken together.
    var context: Context? = .evaluation

    var isTraining: Bool { context?.isTraining != false }
    /// Whether the layer was called with nothing but its input.
    var isPlain: Bool {
      guard let context else { return false }
      return !context.isTraining && context.mask == nil && context.keys == nil && context.values == nil
        && context.states?.isEmpty != false
    }
  }

  let use: NetworkUse
  let stages: [Stage]

  /// Whether every layer ran once, so that what it gives can be moved.
  let isSingle: Bool

  /// Nil where nothing comes back to it, or where runs cannot be taken together.
  init?(_ use: NetworkUse) throws {
    self.use = use
    let record = TapRecord()
    let tapped = Tap.opening(use.network, at: use.name, record)
    let loss = try use.loss(tapped.network)
    let passes = record.passes
    let paths = tapped.paths
    guard loss.count == 1, Set(passes.map(\.path)) == Set(paths) else { return nil }
    guard use.isRepeated || passes.count == paths.count else { return nil }
    isSingle = passes.count == paths.count
    let variables = passes.flatMap { [$0.x, $0.y] }
    let flows = Tensors.gradients(of: loss, withRespectTo: variables).map(\.detached)
    // The samples of several runs stand one behind the other: a sum over samples is a sum over all of them.
    func together(_ tensors: [Tensor]) -> Tensor? {
      guard tensors.count > 1 else { return tensors.first }
      let rest = tensors[0].shape.dimensions.dropFirst()
      guard tensors.allSatisfy({ $0.rank > 1 && $0.shape.dimensions.dropFirst() == rest }) else { return nil }
      return Concatenate(axis: 0)(list: tensors)
    }
    var stages: [Stage] = []
    var seen: Set<String> = []
    for pass in passes where seen.insert(pass.path).inserted {
      let own = passes.indices.filter { passes[$0].path == pass.path }
      guard let x = together(own.map { passes[$0].x.detached }), let y = together(own.map { passes[$0].y.detached }),
        let dx = together(own.map { flows[2 * $0] }), let dy = together(own.map { flows[2 * $0 + 1] })
      else { return nil }
      stages.append(
        Stage(
          path: pass.path, layer: pass.layer, x: x, y: y, dx: dx, dy: dy,
          isOutermost: tapped.outermost.contains(pass.path), context: own.count == 1 ? pass.context : nil))
      if own.count > 1, own.allSatisfy({ !passes[$0].context.isTraining && passes[$0].context.mask == nil }) {
        stages[stages.count - 1].context = .evaluation
      }
    }
    self.stages = stages
  }

  /// `(L(y + s) - L(y - s)) / 2s` for one number of what a stage gives.
  func difference(_ stage: Stage, _ places: [Int]) -> CentralDifference? {
    let zeros = Tensor.zeros(stage.y.shape, stage.y.elementType)
    return CentralDifference(of: zeros, at: places) { loss(stage, moving: $0) }
  }

  /// The same for one number of what a stage is given, the other layers that read it left as they are.
  func inputDifference(_ stage: Stage, _ places: [Int]) -> CentralDifference? {
    let zeros = Tensor.zeros(stage.x.shape, stage.x.elementType)
    return CentralDifference(of: zeros, at: places) { loss(stage, moving: $0, isInput: true) }
  }

  /// The loss if what a stage gives were larger by some numbers; nil where the stage ran several times.
  func loss(_ stage: Stage, moving offset: Tensor, isInput: Bool = false) -> Tensor? {
    guard isSingle else { return nil }
    let tapped = Tap.opening(use.network, at: use.name, TapRecord(), moving: (stage.path, offset, isInput))
    return try? use.loss(tapped.network)
  }
}

/// What went through tapped layers, in the order in which they ran.
final class TapRecord: Sendable {
  typealias Pass = (path: String, layer: any Layer, x: Tensor, y: Tensor, context: Context)
  private let all = Mutex<[Pass]>([])

  var passes: [Pass] { all.withLock { $0 } }
  func add(_ pass: Pass) { all.withLock { $0.append(pass) } }
}

/// A layer whose input and output are variables, and are remembered.
struct Tap: Layer {
  private let layer: any Layer
  /// The layer without taps inside.
  private let original: any Layer
  private let path: String
  private let record: TapRecord
  /// What is added to the output.
  private let offset: Tensor?
  /// What is added to the input, of this layer alone.
  private var inputOffset: Tensor?

  private init(
    layer: any Layer, original: any Layer, path: String, record: TapRecord, offset: Tensor?, inputOffset: Tensor?
  ) {
    (self.layer, self.original, self.path, self.record) = (layer, original, path, record)
    (self.offset, self.inputOffset) = (offset, inputOffset)
  }

  /// A network with every layer tapped, those inside of others too.
  static func opening(
    _ network: Network, at name: String, _ record: TapRecord,
    moving: (path: String, offset: Tensor, isInput: Bool)? = nil
  ) -> (network: Network, paths: [String], outermost: Set<String>) {
    var paths: [String] = []
    var outermost: Set<String> = []
    func opened(_ layer: any Layer, _ path: String, _ depth: Int) -> any Layer {
      if let network = layer as? Network {
        return Network(network.layers.enumerated().map { opened($1, "\(path)[\($0)]", depth) })
      }
      paths.append(path)
      if depth == 0 { outermost.insert(path) }
      let inner = (layer as? any CompositeLayer).map { open($0, path, depth) } ?? layer
      let own = moving?.path == path ? moving : nil
      return Tap(
        layer: inner, original: layer, path: path, record: record, offset: own?.isInput == false ? own?.offset : nil,
        inputOffset: own?.isInput == true ? own?.offset : nil)
    }
    func open<L: CompositeLayer>(_ layer: L, _ path: String, _ depth: Int) -> any Layer {
      layer.replacing(parts: layer.parts.map { opened($0.layer, "\(path).\($0.name)", depth + 1) })
    }
    let isOne = network.count == 1
    let layers = network.layers.enumerated().map { opened($1, isOne ? name : "\(name)[\($0)]", 0) }
    return (Network(layers), paths, outermost)
  }

  var kind: String { layer.kind }
  var description: String { layer.description }
  var parameters: [Networks.Parameter] { layer.parameters }
  var buffers: [Networks.Parameter] { layer.buffers }
  var stateCount: Int { layer.stateCount }
  var countFormula: String { layer.countFormula }
  func expectedInput(side: Int) -> Shape? { layer.expectedInput(side: side) }
  func outputShape(for input: Shape) throws -> Shape { try layer.outputShape(for: input) }

  func replacing(_ values: [Tensor]) -> Tap {
    Tap(
      layer: layer.replacing(values), original: original, path: path, record: record, offset: offset,
      inputOffset: inputOffset)
  }

  func replacing(buffers: [Tensor]) -> Tap {
    Tap(
      layer: layer.replacing(buffers: buffers), original: original, path: path, record: record, offset: offset,
      inputOffset: inputOffset)
  }

  func callAsFunction(_ x: Tensor, context: inout Context) throws -> Tensor {
    let (x, before) = ((inputOffset.map { x + $0 } ?? x).variable(), context)
    let made = try layer(x, context: &context)
    let y = (offset.map { made + $0 } ?? made).variable()
    record.add((path, original, x, y, before))
    return y
  }
}
