/// A list that seldom has more than two elements: one or two lie in place, where an array would be memory taken and given back.
public enum Few<Element> {
  case one(Element)
  case two(Element, Element)
  case list([Element])

  // Inlined, an array literal that is only taken apart here never comes to be.
  @inline(__always)
  init(_ elements: [Element]) {
    self =
      switch elements.count {
      case 1: .one(elements[0])
      case 2: .two(elements[0], elements[1])
      default: .list(elements)
      }
  }
}

extension Few: RandomAccessCollection, ExpressibleByArrayLiteral {
  @inline(__always)
  public init(arrayLiteral elements: Element...) { self.init(elements) }

  public var startIndex: Int { 0 }

  public var endIndex: Int { count }

  // The collection's own ways to these two copy the list.
  public var indices: Range<Int> { 0..<count }

  public var count: Int {
    switch self {
    case .one: 1
    case .two: 2
    case .list(let elements): elements.count
    }
  }

  public subscript(index: Int) -> Element {
    switch self {
    case .one(let first):
      precondition(index == 0, "no such element")
      return first
    case .two(let first, let second):
      precondition(index == 0 || index == 1, "no such element")
      return index == 0 ? first : second
    case .list(let elements): return elements[index]
    }
  }

  /// The same list with each element changed.
  func mapped<Other>(_ change: (Element) -> Other) -> Few<Other> {
    switch self {
    case .one(let first): .one(change(first))
    case .two(let first, let second): .two(change(first), change(second))
    case .list(let elements): .list(elements.map(change))
    }
  }
}

extension Few: Sendable where Element: Sendable {}

/// What a primitive is applied to.
public typealias Operands = Few<Tensor>

extension Operands {
  /// Whether one of them depends on a variable.
  var areTracked: Bool {
    switch self {
    case .one(let x): x.isTracked
    case .two(let x, let y): x.isTracked || y.isTracked
    case .list(let tensors): tensors.contains { $0.isTracked }
    }
  }

  /// The history of one of them.
  func node(_ input: Int) -> Node? {
    switch self {
    case .one(let x): x.node
    case .two(let x, let y): input == 0 ? x.node : y.node
    case .list(let tensors): tensors[input].node
    }
  }

  /// The serial number of that history, 0 without one.
  func serial(_ input: Int) -> UInt64 {
    switch self {
    case .one(let x): x.serial
    case .two(let x, let y): input == 0 ? x.serial : y.serial
    case .list(let tensors): tensors[input].serial
    }
  }

  /// The numbers alone.
  var detached: Operands { mapped { $0.detached } }
}

/// What flows back to each operand; nil where nothing does.
public typealias Cotangents = Few<Tensor?>
