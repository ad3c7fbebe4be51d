import Tensors

/// The numbers inside a value: a tensor is its own leaf, records, lists and networks have many.
extension Value {
  /// The leaves in order, numbers as tensors without axes; nil if something in it holds no numbers.
  func leaves(_ type: ElementType) -> [Tensor]? {
    switch self {
    case .number(let number): return [Tensor(number, type)]
    case .tensor(let tensor): return [tensor]
    case .range(let range): return range.tensor(type).map { [$0] }
    case .network(let network): return network.leaves
    case .record(let record): return Value.leaves(record.values, type)
    case .list(let items): return Value.leaves(items, type)
    default: return nil
    }
  }

  private static func leaves(_ values: [Value], _ type: ElementType) -> [Tensor]? {
    var all: [Tensor] = []
    for value in values {
      guard let some = value.leaves(type) else { return nil }
      all += some
    }
    return all
  }

  /// The same value with other leaves, taken one after the other.
  func replacingLeaves(_ next: inout ArraySlice<Tensor>) -> Value {
    switch self {
    case .number, .tensor, .range: return next.popFirst().map { Value($0) } ?? self
    case .network(let network):
      let count = network.leaves.count
      let own = Array(next.prefix(count))
      next = next.dropFirst(count)
      return .network(network.replacing(own))
    case .record(let record): return .record(record.with(record.values.map { $0.replacingLeaves(&next) }))
    case .list(let items): return .list(items.map { $0.replacingLeaves(&next) })
    default: return self
    }
  }

  /// The same value with each leaf changed.
  func mapLeaves(_ type: ElementType, _ change: (Tensor) throws -> Tensor) rethrows -> Value? {
    guard let leaves = leaves(type) else { return nil }
    var changed = try leaves.map(change)[...]
    return replacingLeaves(&changed)
  }

  /// Whether it is made of parts: functions of one tensor go through them.
  var isStructure: Bool {
    switch self {
    case .record, .network, .list: true
    default: false
    }
  }
}
