import Tensors

/// The values of a sequence, each at its own number: `θ[0]`, `θ[1]`, …, or `h[-1]`, `h[0]`, …
///
/// First values are given; the others follow them one by one, upward or downward. A sequence is never changed: one more value makes
/// another sequence, which shares the storage of the first, so that a million values cost no more than a list of them.
package final class ValueSequence {
  private final class Storage {
    var values: [Value] = []
  }

  /// The number of the first value given.
  private let low: Int
  private let first: [Value]
  private let storage: Storage
  private let computedCount: Int
  private let isDownward: Bool
  private var known: Value?

  private init(low: Int, first: [Value], storage: Storage, computedCount: Int, isDownward: Bool) {
    self.low = low
    self.first = first
    self.storage = storage
    self.computedCount = computedCount
    self.isDownward = isDownward
  }

  /// A sequence without values; the first one added may have any number.
  convenience init() { self.init(low: 0, first: [], storage: Storage(), computedCount: 0, isDownward: false) }

  /// A sequence of computed values whose first number is `start`.
  package convenience init(_ values: [Value], from start: Int) {
    let storage = Storage()
    storage.values = values
    self.init(low: start, first: [], storage: storage, computedCount: values.count, isDownward: false)
  }

  /// The numbers that have a value.
  package var numbers: Range<Int> {
    let end = low + first.count
    return isDownward ? (low - computedCount)..<end : low..<(end + computedCount)
  }

  package var firstNumbers: Range<Int> { low..<(low + first.count) }

  /// The sequence as it was before anything was computed.
  var onlyFirst: ValueSequence {
    ValueSequence(low: low, first: first, storage: Storage(), computedCount: 0, isDownward: false)
  }

  package subscript(number: Int) -> Value? {
    guard numbers.contains(number) else { return nil }
    if firstNumbers.contains(number) { return first[number - low] }
    return storage.values[isDownward ? low - 1 - number : number - low - first.count]
  }

  /// The sequence with a value given at a number: a neighbour of other first values joins them, else everything starts anew.
  func giving(_ value: Value, at number: Int) -> ValueSequence {
    if !first.isEmpty, number > low, number <= low + first.count {
      return ValueSequence(
        low: low, first: first[..<(number - low)] + [value], storage: Storage(), computedCount: 0, isDownward: false)
    }
    if !first.isEmpty, number == low - 1 {
      return ValueSequence(low: number, first: [value] + first, storage: Storage(), computedCount: 0, isDownward: false)
    }
    return ValueSequence(low: number, first: [value], storage: Storage(), computedCount: 0, isDownward: false)
  }

  /// The sequence with one more computed value, at the next number or in place of the last; nil if that number cannot have it.
  func adding(_ value: Value, at number: Int) -> ValueSequence? {
    if first.isEmpty && computedCount == 0 {
      let storage = Storage()
      storage.values = [value]
      return ValueSequence(low: number, first: [], storage: storage, computedCount: 1, isDownward: false)
    }
    let numbers = numbers
    if computedCount > 0, number == (isDownward ? numbers.lowerBound : numbers.upperBound - 1) {
      return appending(value, after: computedCount - 1, isDownward)
    }
    if number == numbers.upperBound, !isDownward { return appending(value, after: computedCount, false) }
    // A second value below the first turns the sequence round; without first values, the one computed takes their place.
    if number == numbers.lowerBound - 1 {
      if isDownward || computedCount == 0 { return appending(value, after: computedCount, true) }
      if first.isEmpty, computedCount == 1 {
        let turned = Storage()
        turned.values = [storage.values[0], value]
        return ValueSequence(low: low + 1, first: [], storage: turned, computedCount: 2, isDownward: true)
      }
    }
    return nil
  }

  private func appending(_ value: Value, after count: Int, _ isDownward: Bool) -> ValueSequence {
    var target = storage
    if storage.values.count != count {
      target = Storage()
      target.values = Array(storage.values[..<count])
    }
    target.values.append(value)
    return ValueSequence(low: low, first: first, storage: target, computedCount: count + 1, isDownward: isDownward)
  }

  /// The sequence with another value at a number that has one.
  func replacing(_ value: Value, at number: Int) -> ValueSequence {
    let copy = Storage()
    copy.values = Array(storage.values[..<computedCount])
    var first = first
    if firstNumbers.contains(number) {
      first[number - low] = value
    } else {
      copy.values[isDownward ? low - 1 - number : number - low - first.count] = value
    }
    return ValueSequence(
      low: low, first: first, storage: copy, computedCount: computedCount, isDownward: isDownward)
  }

  /// The values at some numbers.
  func values(_ numbers: Range<Int>) -> [Value] { numbers.compactMap { self[$0] } }

  /// The values with numbers from 0 on, as one tensor; a list if they do not stack.
  func whole(_ type: ElementType) -> Value {
    if let known { return known }
    let numbers = numbers
    let value = stacked(max(0, numbers.lowerBound)..<max(0, numbers.upperBound), type)
    known = value
    return value
  }

  /// The values at some numbers, as one tensor; a list if they do not stack. A number takes the shape of the rest.
  func stacked(_ numbers: Range<Int>, _ type: ElementType) -> Value {
    let values = values(numbers)
    var shape: Shape?
    var elementType = type
    var isNumeric = true
    for value in values {
      switch value {
      case .number: break
      case .tensor(let tensor):
        if tensor.rank > 0 && shape == nil { shape = tensor.shape }
        if shape == nil || tensor.shape == shape { elementType = tensor.elementType }
        if tensor.rank > 0 && tensor.shape != shape { isNumeric = false }
      case .range(let range):
        if shape == nil { shape = [range.count] }
        if shape != [range.count] { isNumeric = false }
      default: isNumeric = false
      }
    }
    if shape == nil, isNumeric {
      let numbers = values.compactMap { if case .number(let number) = $0 { number } else { nil } }
      if numbers.count == values.count { return .tensor(Tensor(numbers, type)) }
    }
    guard isNumeric, (shape?.rank ?? 0) < Shape.maximumRank, (shape?.count ?? 1) * values.count <= Shape.maximumCount
    else { return .list(values) }
    let tensors = values.compactMap { value -> Tensor? in
      guard var tensor = value.tensor(elementType) else { return nil }
      if let shape, tensor.rank == 0 { tensor = Broadcast(to: shape)(tensor) }
      return tensor
    }
    guard !tensors.isEmpty, let result = try? Tensor.stack(tensors) else {
      return values.isEmpty ? .tensor(Tensor([], type)) : .list(values)
    }
    return .tensor(result)
  }
}
