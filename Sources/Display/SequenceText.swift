/// The echo of a loop: the shapes of its sequences, those of one shape together.
///
/// ```
/// f, i, C̃, C, o, h : [2, 2]   t in 0..<2
/// ```
package struct SequenceText: Sendable {
  /// Names and shapes, in the order in which they were defined; a sequence whose values differ in shape has none.
  package var sequences: [(name: String, shape: [Int]?)]
  /// The range of the loop's variable, `t in 0..<2`.
  package var note: String

  package init(_ sequences: [(name: String, shape: [Int]?)], note: String = "") {
    self.sequences = sequences
    self.note = note
  }

  package func document(_ style: Style = .plain) -> Document {
    var groups: [(shape: [Int]?, names: [String])] = []
    for (name, shape) in sequences {
      if let index = groups.firstIndex(where: { $0.shape == shape }) {
        groups[index].names.append(name)
      } else {
        groups.append((shape, [name]))
      }
    }
    var result = Document()
    for (shape, names) in groups {
      let kind = shape.map(TensorText.text) ?? "list, shapes differ"
      let tail = " : \(kind)\(note.isEmpty ? "" : "   \(note)")".shown(style)
      let lines = names.joined(separator: ", ").shown(style).wrapped(to: max(20, style.width - tail.displayWidth - 2))
      for (index, line) in lines.enumerated() {
        let text = (index == 0 ? "" : "  ") + line + (index == lines.count - 1 ? tail : "")
        result.append(Line(text, .dim))
      }
    }
    return result
  }
}
