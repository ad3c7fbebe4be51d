import Display
import Language
import Tensors

extension Calculation {
  /// The one name that is read, where nothing is added, multiplied or compared with another: a step that changes each number by itself.
  var onlyRead: String? {
    var labels: Set<String> = []
    var hasSeries = false
    walk { part in
      switch part {
      case .read(let label, _): labels.insert(label)
      case .series: hasSeries = true
      default: break
      }
    }
    return hasSeries || labels.count != 1 ? nil : labels.first
  }

  func replacing(read label: String, with inner: Calculation) -> Calculation {
    if case .read(label, _) = self { return inner }
    return mapChildren { $0.replacing(read: label, with: inner) }
  }

  /// Whether the value is that of the session, as far as its precision goes.
  func agrees(_ value: Double, _ type: ElementType) -> Bool {
    let own = self.value
    if own.isNaN || value.isNaN { return own.isNaN && value.isNaN }
    if own == value { return true }
    var scale = max(own.magnitude, value.magnitude)
    inNumbersIfShort?.walk { if $0.isNumber { scale = max(scale, $0.value.magnitude) } }
    return (own - value).magnitude <= (type == .float64 ? 1e-7 : 2e-3) * scale + 1e-12
  }

  private var inNumbersIfShort: Calculation? {
    var count = 0
    walk { if case .series(let series) = $0 { count += series.count } }
    return count < 2000 ? inNumbers : nil
  }

  /// The first series whose terms do not fit one line.
  func longSeries(room: Int, _ style: Style) -> Series? {
    var found: Series?
    walk { part in
      if case .series(let series) = part, found == nil, series.count > 4 { found = series }
    }
    guard let found else { return nil }
    if found.count > 24 { return found }
    return text(equation(style)).displayWidth <= room ? nil : found
  }

  private func text(_ equation: PrintedEquation) -> String { equation.left }

  /// Every series as one number.
  var withSeriesAdded: Calculation {
    if case .series(let series) = self { return .read("∑", series.total) }
    return mapChildren { $0.withSeriesAdded }
  }
}

extension String {
  /// Without spaces at both ends.
  var spaceless: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Expression {
  var isPartial: Bool { if case .partial = kind { true } else { false } }

  /// The names in it that must be bound: not the letters of its sums, not parameters.
  var unboundNames: [String] {
    var names: [String] = []
    func add(_ part: Expression, _ bound: Set<String>) {
      switch part.kind {
      case .name(let name): if !bound.contains(name), !names.contains(name) { names.append(name) }
      case .big(_, let indices, let body):
        for range in indices.compactMap(\.range) { add(range, bound) }
        add(body, bound.union(indices.map(\.name.text)))
      case .lambda(let parameters, .expression(let body)): add(body, bound.union(parameters.map(\.text)))
      case .lambda(_, .block): break
      default: for child in part.children { add(child, bound) }
      }
    }
    add(self, [])
    return names
  }
}

extension Statement {
  /// What it binds, as it can be asked for.
  var boundText: String? {
    if case .bind(let targets, _, _) = kind { targets.first?.rootText } else { nil }
  }
}
