import Display
import Tensors

extension Machine {
  /// Shows what a statement bound or gave.
  func echo(_ name: String?, _ value: Value, after statement: Statement) {
    if case .network = value, let report {
      output(report(name ?? "ans", style))
      return
    }
    if let stopped { output(Document([Line(stopped)])) }
    var text = ValueText(value, self)
    if let name, let note = notes[name], case .tensor(var tensor) = text {
      tensor.note = note
      text = .tensor(tensor)
    }
    output(text.document(name: name, style))
  }
}

extension Machine {
  /// Shows what a loop added to: the shapes of its sequences, equal ones side by side.
  func echo(loopOver letter: String, _ block: Block) {
    var groups: [(names: [String], shape: String)] = []
    for name in block.sequences(over: letter) {
      guard case .sequence(let sequence)? = cells[name.text]?.value else { continue }
      let shown = style.ascii ? name.text.shown(style) : name.text
      let outline = sequence.outline
      if groups.last?.shape == outline {
        groups[groups.count - 1].names.append(shown)
      } else {
        groups.append(([shown], outline))
      }
    }
    let note = notes[letter].map { "   \($0)" } ?? ""
    for group in groups { output(Document([Line("\(group.names.joined(separator: ", ")) : \(group.shape)\(note)")])) }
  }
}

extension ValueSequence {
  /// The shape of the whole.
  var outline: String { whole(.float64).outline }
}

extension Precision {
  init(_ type: ElementType) { self = type == .float64 ? .f64 : .f32 }
}

extension ValueText {
  /// A value as something to show.
  init(_ value: Value, _ machine: Machine) {
    switch value {
    case .nothing: self = .other(kind: "nothing", text: "nothing")
    case .number(let number):
      self = .tensor(TensorText(name: nil, shape: [], precision: machine.settings.precision, element: { _ in number }))
    case .tensor(let tensor):
      let tensor = tensor.detached
      self = .tensor(
        TensorText(
          name: nil, shape: tensor.shape.dimensions, precision: Precision(tensor.elementType),
          element: { tensor[flat: $0] }))
    case .string(let text): self = .string(text)
    case .range(let range):
      self = .other(kind: "range", text: "\(range.start)..<\(range.start + range.count)")
    case .list(let items): self = .list(items.map { ValueText($0, machine) })
    case .record(let record):
      self = .record(
        RecordText(
          name: "", fields: zip(record.names, record.values).map { RecordText.Field($0, ValueText($1, machine)) }))
    case .function(let function): self = .other(kind: "function", text: function.text)
    case .network(let network): self = .network(network.text)
    case .optimizer(let optimizer): self = .other(kind: "optimizer", text: optimizer.description)
    case .dataset(let dataset): self = .other(kind: "dataset", text: dataset.description)
    case .sequence(let sequence): self = ValueText(sequence.whole(machine.elementType), machine)
    }
  }
}

extension Function {
  /// As it was written, or its signature.
  var text: String {
    guard case .user(let user) = kind else { return name.isEmpty ? signature : name }
    let text = user.source.text(user.range)
    return text
  }
}

extension Value {
  /// Its shape or size in a few characters, for `:vars`.
  package var summary: String {
    switch self {
    case .tensor(let tensor): tensor.shape.description
    case .range(let range): "[\(range.count)]"
    case .list(let items): "\(items.count) items"
    case .record(let record): record.names.joined(separator: " ")
    case .function(let function): function.signature
    case .network(let network): "\(network.leaves.reduce(0) { $0 + $1.count }) parameters"
    case .optimizer(let optimizer): optimizer.description
    case .dataset(let dataset): dataset.description
    case .sequence(let sequence): sequence.outline
    case .string(let text): "\(text.count) characters"
    case .number, .nothing: ""
    }
  }
}
