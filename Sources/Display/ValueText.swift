/// The echo of any value: what the parts of records and lists are.
package indirect enum ValueText {
  case tensor(TensorText)
  case string(String)
  case record(RecordText)
  case list([ValueText])
  case network(NetworkText)
  /// A value shown by its kind and a form that can be typed or read: `function`, `x -> x^2`; `optimiser`,
  /// `Adam(0.001)`.
  case other(kind: String, text: String)

  /// The echo under a name; a name of `nil` shows the value alone.
  package func document(name: String? = "ans", _ style: Style = .plain) -> Document {
    switch self {
    case .tensor(var tensor):
      tensor.name = name
      return tensor.document(style)
    case .record(var record):
      record.name = name ?? ""
      return record.document(style)
    case .network(var network):
      network.name = name ?? "net"
      return network.document(style)
    case .list(let values):
      return listDocument(values, name: name, style)
    case .string, .other:
      return Document([line(name: name, style)])
    }
  }

  /// The echo on one line: whole if it fits, else by its shape or size.
  package func line(name: String?, _ style: Style = .plain) -> Line {
    let head = Line((name ?? "").shown(style), .dim)
    if case .tensor(var tensor) = self {
      tensor.name = name
      if let line = tensor.oneLine(style) { return line }
    } else if let value = typed(style) {
      let line: Line =
        switch self {
        case _ where name == nil: Line(value)
        case .record, .list: "\(head)\(" : \(kind)", .dim) = \(value)"
        default: "\(head) = \(value)"
        }
      if line.width <= style.width { return line }
    }
    switch self {
    case .tensor(var tensor):
      tensor.name = name
      let line: Line = "\(tensor.heading(style))   \(tensor.statistics().line(tensor.format(style)))"
      return line.width <= style.width ? line : tensor.heading(style)
    case .string(let text):
      let size = "   \(NumberFormat.count(text.count)) characters"
      let lead = name == nil ? head : "\(head) = "
      let room = style.width - lead.width - size.count - 2
      return "\(lead)\"\(Self.escaped(text).cut(to: max(8, room), style: style))\"\(size, .dim)"
    case .record(let record):
      var record = record
      record.name = name ?? ""
      return record.heading(style)
    case .list(let values):
      return "\(head)\(" : list of \(NumberFormat.count(values.count))", .dim)"
    case .network(var network):
      network.name = name ?? "net"
      return network.heading(style)
    case .other(_, let text):
      let lead = name == nil ? head : "\(head) = "
      let first = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
      let rest = first.count < text.count ? style.glyph(" …", " ...") : ""
      let room = max(8, style.width - lead.width - rest.displayWidth)
      return "\(lead)\(first.shown(style).cut(to: room, style: style))\(rest, .dim)"
    }
  }

  /// The value as it can be typed, on one line; `nil` where that is not possible or too long to be shown.
  package func typed(_ style: Style = .plain) -> String? {
    switch self {
    case .tensor(let tensor): return tensor.typed(style)
    case .string(let text): return text.utf8.count > 4 * style.width ? nil : "\"" + Self.escaped(text) + "\""
    case .record(let record):
      return Self.joined(record.fields.prefix(20), record.fields.count) { field in
        field.value.typed(style).map { field.name + ": " + $0 }
      }.map { "(" + $0 + ")" }
    case .list(let values):
      guard let inner = Self.joined(values.prefix(40), values.count, { $0.typed(style) }) else { return nil }
      return values.count == 1 ? "(" + inner + ",)" : "(" + inner + ")"
    case .network: return nil
    case .other(_, let text): return text.contains("\n") ? nil : text.shown(style)
    }
  }

  /// How many numbers the value holds in all.
  package var numberCount: Int {
    switch self {
    case .tensor(let tensor): tensor.shape.reduce(1, *)
    case .record(let record): record.fields.reduce(0) { $0 + $1.value.numberCount }
    case .list(let values): values.reduce(0) { $0 + $1.numberCount }
    case .network(let network): network.parameterCount
    case .string, .other: 0
    }
  }

  var kind: String {
    switch self {
    case .tensor: "tensor"
    case .string: "string"
    case .record: "record"
    case .list: "list"
    case .network: "network"
    case .other(let kind, _): kind
    }
  }

  /// A string as it is typed between quotes: control characters, quotes and backslashes escaped.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        if scalar.shownInstead == nil {
          result.unicodeScalars.append(scalar)
        } else {
          result += "\\u{" + String(scalar.value, radix: 16) + "}"
        }
      }
    }
    return result
  }

  private static func joined<Part>(
    _ parts: some Sequence<Part>, _ count: Int, _ text: (Part) -> String?
  ) -> String? {
    var texts: [String] = []
    for part in parts {
      guard let text = text(part) else { return nil }
      texts.append(text)
    }
    return texts.count == count ? texts.joined(separator: ", ") : nil
  }

  private func listDocument(_ values: [ValueText], name: String?, _ style: Style) -> Document {
    let short = line(name: name, style)
    if typed(style) != nil && short.width <= style.width && !short.text.contains("list of") { return Document([short]) }
    let names = values.indices.map { "\(name ?? "")[\($0)]" }
    var result = Document([
      "\((name ?? "").shown(style), .dim)\(" : list of \(NumberFormat.count(values.count))", .dim)"
    ])
    result.append(RecordText.lines(zip(names, values).map { RecordText.Field($0, $1) }, style))
    return result
  }
}
