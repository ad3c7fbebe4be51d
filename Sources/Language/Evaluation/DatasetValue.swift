import Networks
import Tensors

/// Samples with their targets, as a value: `d.x`, `d.y`, and in a `for` its batches.
package final class DatasetValue {
  package let dataset: Dataset
  /// In which order and in what portions a loop runs through it.
  let batches: Batches?
  let elementType: ElementType

  struct Batches {
    let size: Int
    let order: [Int]
  }

  init(_ dataset: Dataset, _ elementType: ElementType, batches: Batches? = nil) {
    self.dataset = dataset
    self.elementType = elementType
    self.batches = batches
  }

  func with(_ dataset: Dataset) -> DatasetValue { DatasetValue(dataset, elementType) }

  var byteCount: Int { dataset.count * dataset.sampleShape.count }

  var description: String {
    var text =
      "\(dataset.count) samples of \(dataset.sampleShape.rank == 0 ? "one number" : dataset.sampleShape.description)"
    if let classes = dataset.classCount { text += ", \(classes) classes" }
    if let batches { text += ", in batches of \(batches.size)" }
    return text
  }

  func field(_ name: String, _ type: ElementType) throws -> Value? {
    switch name {
    case "x": return Value(try dataset.x(type))
    case "y": return Value(dataset.y(type))
    case "count": return .number(Double(dataset.count))
    case "classes":
      if !dataset.classNames.isEmpty { return .list(dataset.classNames.map { .string($0) }) }
      return dataset.classCount.map { .number(Double($0)) }
    default: return nil
    }
  }

  /// Runs through the batches, or the samples one at a time.
  func forEachBatch(_ body: (Value) throws -> Void) throws {
    let size = batches?.size ?? 1
    let order = batches?.order ?? Array(0..<dataset.count)
    for start in stride(from: 0, to: order.count, by: size) {
      let (x, y) = dataset.batch(order[start..<min(start + size, order.count)], elementType)
      try body(.list([Value(x), Value(y)]))
    }
  }

  /// All inputs and all targets.
  func pair() throws -> [Value] { [Value(try dataset.x(elementType)), Value(dataset.y(elementType))] }

  /// Some of the samples.
  func select(_ parts: [IndexNode.Item], _ node: IndexNode) throws -> Value {
    guard parts.count == 1, case .value(let item) = parts[0] else {
      throw node.machine.failure("E0206", "a dataset has one index", at: node.site)
    }
    var indices: [Int] = []
    switch item {
    case .range(let range): indices = Array(range.start..<(range.start + range.count))
    default:
      guard let numbers = item.tensor(.float64)?.elements else {
        throw node.machine.failure("E0206", "samples are chosen by whole numbers", at: node.site)
      }
      for number in numbers {
        guard let index = Int(exactly: number) else {
          throw node.machine.failure("E0206", "samples are chosen by whole numbers", at: node.site)
        }
        indices.append(index)
      }
    }
    for index in indices where index < 0 || index >= dataset.count {
      throw node.outside(index, 0, dataset.count, 0)
    }
    return .dataset(with(try dataset.subset(indices)))
  }
}
