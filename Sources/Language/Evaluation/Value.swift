import Networks
import Tensors

/// What a name can be bound to, an expression can give.
///
/// A value is small, sixteen bytes, so that a loop over numbers allocates nothing: numbers stand in it, everything else behind one
/// reference. A number has no precision of its own; it takes that of the tensor it meets.
package enum Value {
  /// Nothing at all: what `print` gives, and what an unbound slot holds.
  case nothing
  case number(Double)
  indirect case tensor(Tensor)
  indirect case string(String)
  indirect case range(IntegerRange)
  case list([Value])
  case record(Record)
  case function(Function)
  indirect case network(NetworkValue)
  indirect case optimizer(OptimizerValue)
  case dataset(DatasetValue)
  /// What a name holds that is defined value by value; used whole it is the tensor of its values, so only names and subscripts
  /// ever see it.
  case sequence(ValueSequence)

  /// A tensor as a value: one without axes that no derivative flows through is a number.
  @inline(__always)
  package init(_ tensor: Tensor) {
    if tensor.shape.rank == 0 && !tensor.isTracked {
      self = .number(tensor[flat: 0])
    } else {
      self = .tensor(tensor)
    }
  }

  /// A truth as the language has it: 1 or 0.
  @inline(__always)
  package init(_ truth: Bool) { self = .number(truth ? 1 : 0) }
}

/// Whole numbers from `start` on, `count` of them: `0..<3`. A tensor where one is expected.
package struct IntegerRange: Equatable {
  package var start: Int
  package var count: Int

  package init(start: Int, count: Int) {
    self.start = start
    self.count = Swift.max(0, count)
  }

  /// The numbers as a tensor; nil if there are more than a tensor may hold.
  func tensor(_ type: ElementType) -> Tensor? {
    guard count <= Shape.maximumCount, count * type.byteCount <= MemoryLimit.bytes else { return nil }
    return Tensor((0..<count).map { Double(start + $0) }, type)
  }
}

/// Values by name, in the order in which they were given: `(W: randn(3, 2), b: zeros(2))`.
package final class Record {
  package let names: [String]
  package let values: [Value]

  package init(names: [String], values: [Value]) {
    self.names = names
    self.values = values
  }

  package subscript(name: String) -> Value? {
    names.firstIndex(of: name).map { values[$0] }
  }

  /// The record with one field changed, or one more.
  package func setting(_ name: String, to value: Value) -> Record {
    var names = names
    var values = values
    if let index = names.firstIndex(of: name) {
      values[index] = value
    } else {
      names.append(name)
      values.append(value)
    }
    return Record(names: names, values: values)
  }

  func with(_ values: [Value]) -> Record { Record(names: names, values: values) }
}

extension Value {
  /// What it is, as a person would say: `a tensor`.
  package var kind: String {
    switch self {
    case .nothing: "nothing"
    case .number: "number"
    case .tensor: "tensor"
    case .string: "string"
    case .range: "range"
    case .list: "list"
    case .record: "record"
    case .function: "function"
    case .network: "network"
    case .optimizer: "optimizer"
    case .dataset: "dataset"
    case .sequence: "sequence"
    }
  }

  /// The kind with its article: `a tensor`, `an optimizer`.
  package var article: String {
    switch self {
    case .nothing: "nothing"
    case .optimizer: "an optimizer"
    default: "a " + kind
    }
  }

  var isNothing: Bool { if case .nothing = self { true } else { false } }

  /// The tensor that the value is, or can stand for: numbers and ranges in the given precision.
  func tensor(_ type: ElementType) -> Tensor? {
    switch self {
    case .tensor(let tensor): tensor
    case .number(let number): Tensor(number, type)
    case .range(let range): range.tensor(type)
    default: nil
    }
  }

  /// The number that it is, whether or not a derivative flows through it.
  var plainNumber: Double? {
    switch self {
    case .number(let number): number
    case .tensor(let tensor) where tensor.rank == 0: tensor[flat: 0]
    default: nil
    }
  }

  /// The shape, where the value has one: `[]` for a number.
  package var shape: Shape? {
    switch self {
    case .number: .scalar
    case .tensor(let tensor): tensor.shape
    case .range(let range): [range.count]
    default: nil
    }
  }

  /// What it looks like from far: `[2, 3]`, `number`, `a list`.
  package var outline: String {
    switch self {
    case .number: "a number"
    case .tensor(let tensor): tensor.rank == 0 ? "a number" : tensor.shape.description
    case .range(let range): "[\(range.count)]"
    case .string: "a string"
    case .list(let items): "a list of \(items.count)"
    default: article
    }
  }

  /// The bytes its numbers take.
  package var byteCount: Int {
    switch self {
    case .number: 8
    case .tensor(let tensor): tensor.count * tensor.elementType.byteCount
    case .list(let items): items.reduce(0) { $0 + $1.byteCount }
    case .record(let record): record.values.reduce(0) { $0 + $1.byteCount }
    case .network(let network): network.leaves.reduce(0) { $0 + $1.count * $1.elementType.byteCount }
    case .dataset(let dataset): dataset.byteCount
    case .sequence(let sequence): sequence.values(sequence.numbers).reduce(0) { $0 + $1.byteCount }
    default: 0
    }
  }
}
